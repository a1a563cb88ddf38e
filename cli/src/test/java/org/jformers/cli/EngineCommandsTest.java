package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.testkit.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that load the engine. */
final class EngineCommandsTest {

    @Test
    void engineTellsItsThreads() {
        Run run = Run.jformers("env", "--engine");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("engine threads +\\d+ in an operator").contains("engine kernels")
                .containsPattern("devices +cpu");
    }

    @Test
    void inspectsAModelFolder(@TempDir Path folder) throws IOException {
        JsonNode config = new JsonMapper().readTree("""
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 11, "n_positions": 6,
                 "n_embd": 4, "n_layer": 3, "n_head": 2}
                """);
        try (Model model = AutoModel.create(AutoConfig.parse(config, "test"), Task.CAUSAL_LM, 1)) {
            model.save(folder);
        }
        Run run = Run.jformers("inspect", folder.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        // A layer: norms 2 x 2 x 4, attention 4 x 12 + 12 + 4 x 4 + 4, feed-forward 4 x 16 + 16 + 16 x 4 + 4.
        assertThat(run.out())
                .contains("family = gpt2\n", "architecture = GPT2LMHeadModel\n", "task = causal_lm\n")
                .containsPattern("    blocks\\[0\\.\\.2] = Block\\[.*\n(.*\n)*"
                        + " +attention = SelfAttention\\[.*mask=CausalMask")
                .containsPattern("body\\.blocks\\[0\\.\\.2] +732  = 3 x 244\n")
                .containsPattern("total +808\n");
    }

    @Test
    void conformsToStoredValues() {
        Run run = Run.jformers("conform", Fixtures.folder("models/bert-base").toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(2).last().isEqualTo("1 passed, 0 failed, 0 unsupported");
        assertThat(run.out()).startsWith("bert-base  passed ");
    }

    @Test
    void failsWhereAModelDiffersFromStoredValues(@TempDir Path folder) throws IOException {
        Path original = Fixtures.folder("models/bert-base");
        Path copy = Files.createDirectory(folder.resolve("changed"));
        for (String file : List.of("golden.json", "golden.safetensors", "model.safetensors")) {
            Files.copy(original.resolve(file), copy.resolve(file));
        }
        String config = Files.readString(original.resolve("config.json"));
        Files.writeString(copy.resolve("config.json"), config.replace("\"gelu\"", "\"relu\""));
        Run run = Run.jformers("conform", "--details", folder.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).startsWith("changed  FAILED ").contains("    passed  ", "    failed  ");
        assertThat(run.out().lines()).last().isEqualTo("0 passed, 1 failed, 0 unsupported");
    }

    @Test
    void saysInOneLineWhatIsWrongWithAFolder(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("none");
        assertFails(missing, missing.toString());
        assertFails(folder, folder.toString());
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gpt2\"");
        assertFails(folder, "config.json");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gpt2\", \"n_embd\": \"wide\"}");
        assertFails(folder, "n_embd");
    }

    private static void assertFails(Path folder, String part) {
        Run run = Run.jformers("inspect", folder.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        if (Files.exists(folder)) {
            assertThat(run.out()).startsWith("loads = false\nrefused = ").contains(part, "\nfiles\n");
        } else {
            assertThat(run.out()).isEmpty();
        }
        assertThat(run.err()).startsWith("jformers: ").contains(part).hasLineCount(1);
        assertThat(Run.jformers("conform", folder.toString()).exitCode()).isEqualTo(1);
    }
}
