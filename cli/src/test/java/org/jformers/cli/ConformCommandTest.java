package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jformers.testkit.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConformCommandTest {
    private static final String BERT = Fixtures.folder("models/bert-base").toString();

    @TempDir
    private Path folder;

    @Test
    void printsOneLineForEachFolder() {
        Run run = Run.jformers("conform", BERT);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(2).last().isEqualTo("1 passed, 0 failed, 0 unsupported");
        assertThat(run.out()).startsWith("bert-base  passed  last_hidden_state ");
    }

    @Test
    void printsEveryCheckOnRequest() {
        assertThat(Run.jformers("conform", "--details", BERT).out())
                .containsPattern("(?m)^    passed  default: hidden_states\\.1: max error \\S+ at \\[\\d, \\d, \\d+]");
    }

    @Test
    void whatIsUnsupportedDoesNotFail() throws IOException {
        write("config.json", "{\"model_type\": \"mamba\"}");

        Run run = Run.jformers("conform", folder.toString(), BERT);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("unsupported: load: model_type mamba")
                .endsWith("1 passed, 0 failed, 1 unsupported" + System.lineSeparator());
    }

    @Test
    void failsIfOneFails() throws IOException {
        write("config.json", "{\"model_type\": \"bert\", \"vocab_size\": 7}");

        Run run = Run.jformers("conform", folder.toString(), BERT);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains(" FAILED load: ConfigException: bert: key ")
                .endsWith("1 passed, 1 failed, 0 unsupported" + System.lineSeparator());
    }

    @Test
    void refusesFoldersWithoutGoldenFiles() {
        Run run = Run.jformers("conform", folder.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("jformers: conformance: neither golden.jsonl nor golden.json is in ");
        assertThat(Run.jformers("conform").exitCode()).isEqualTo(2);
    }

    private void write(String file, String text) throws IOException {
        for (String golden : new String[] {"golden.json", "golden.safetensors"}) {
            Files.copy(Path.of(BERT, golden), folder.resolve(golden));
        }
        Files.writeString(folder.resolve(file), text);
    }
}
