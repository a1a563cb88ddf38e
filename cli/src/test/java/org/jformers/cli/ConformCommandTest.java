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
        assertThat(run.err()).startsWith(
                "jformers: conformance: none of case.json, golden.jsonl and golden.json is in ");
        assertThat(Run.jformers("conform").exitCode()).isEqualTo(2);
    }

    @Test
    void runsCasesAndTemplateExpressions() throws IOException {
        Files.writeString(folder.resolve("case.json"),
                "{\"op\": \"chat\", \"template\": \"{{ 6 * 7 }}\", \"messages\": [],"
                        + " \"expected\": {\"text\": \"42\"}}");
        Path expressions = folder.resolve("expressions.jsonl");
        Files.writeString(expressions, "{\"context\": {}}\n{\"template\": \"{{ 6 * 7 }}\", \"expected\": \"43\"}\n");

        Run run = Run.jformers("conform", "--details", folder.toString(), expressions.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("  passed  1 checks")
                .contains("    failed  templates: 0 as expected, 1 not, of 1")
                .contains("    failed  \"{{ 6 * 7 }}\": got \"42\", expected \"43\"")
                .endsWith("1 passed, 1 failed, 0 unsupported" + System.lineSeparator());
    }

    private void write(String file, String text) throws IOException {
        for (String golden : new String[] {"golden.json", "golden.safetensors"}) {
            Files.copy(Path.of(BERT, golden), folder.resolve(golden));
        }
        Files.writeString(folder.resolve(file), text);
    }
}
