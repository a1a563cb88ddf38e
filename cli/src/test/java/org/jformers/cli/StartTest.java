package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands load: those that need no engine and no network start without them. */
final class StartTest {

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "env", "tokenizer --help"})
    void loadsNeitherTheEngineNorTheNetwork(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Xlog:class+load", "-cp", System.getProperty("java.class.path"),
                Jformers.class.getName()));
        command.addAll(List.of(arguments.split(" ")));
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as(output).isZero();
        assertThat(output).contains(Jformers.class.getName()); // the log is there
        assertThat(output.lines()).noneMatch(line ->
                (line.contains("org.bytedeco") || line.contains("java.net.http")) && line.contains("source:"));
    }
}
