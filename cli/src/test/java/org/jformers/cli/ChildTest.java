package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands print reaches the process's streams, whatever they are written to within. */
final class ChildTest {
    private static final String MODEL = "../testkit/src/main/resources/fixtures/models/gpt2-lm";

    @ParameterizedTest
    @ValueSource(strings = {
        "--version", "families", "experiments list", "experiments show lm.wordnet",
        "experiments show lm.wordnet --json", "experiments diff g2p.quickstart g2p.cmudict", "inspect " + MODEL,
        "inspect --json " + MODEL, "conform " + MODEL, "experiments show nosuch", "train"
    })
    void printsWhatTheCommandWrites(String arguments) throws IOException, InterruptedException {
        Run child = Child.run(arguments.split(" "));
        Run here = Run.jformers(arguments.split(" "));
        assertThat(child.exitCode()).isEqualTo(here.exitCode());
        assertThat(child.out().replaceAll("\\d+ ms", "")).isEqualTo(here.out().replaceAll("\\d+ ms", ""));
        assertThat(child.err()).isEqualTo(here.err());
        assertThat(child.out() + child.err()).isNotBlank();
    }
}
