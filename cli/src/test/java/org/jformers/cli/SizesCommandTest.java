package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SizesCommandTest {
    @TempDir
    private Path folder;

    @Test
    void printsPublishedModels() {
        Run run = Run.jformers("sizes");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("| gpt2 | 124.4M | 124M | 85.1M | 2.47e+08 | Radford et al. 2019 |",
                "| palm-540b | 540.36B | 540.35B |");
    }

    @Test
    void printsWhatAModelCosts() throws IOException {
        Run gpt2 = Run.jformers("sizes", "gpt2", "--tokens", "512");
        assertThat(gpt2.out()).contains("| body.blocks.11 | 7,087,872 | 7.248e+09 | 8.053e+08 |",
                "| all | 124,439,808 | ", "512 tokens: ", " % of them n^2 d", "6 N D: 5.103e+17");
        Files.writeString(folder.resolve("config.json"),
                "{\"model_type\": \"gpt2\", \"architectures\": [\"GPT2LMHeadModel\"], \"vocab_size\": 50,"
                        + " \"n_positions\": 8, \"n_embd\": 16, \"n_layer\": 1, \"n_head\": 4}");
        assertThat(Run.jformers("sizes", folder.toString()).out()).contains("| body.blocks.0 | 3,280 | ");
        assertThat(Run.jformers("sizes", "gpt2", "--tokens", "0").exitCode()).isEqualTo(2);
    }
}
