package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConvertCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesAFileThatIsAModelWithItsTokenizer() throws Exception {
        Path gpt2 = TinyModels.writer(folder);
        Path file = folder.resolve("gpt2.gguf");
        Run convert = Run.jformers(
                "convert", gpt2.toString(), "--to", "gguf", "--type", "f32", "--out", file.toString());
        assertThat(convert.exitCode()).as(convert.err()).isZero();
        assertThat(convert.out().strip()).isEqualTo(file.toString());
        String[] generate = {"generate", "--prompt", "A volcano", "--max-new-tokens", "5", "--model", ""};
        assertThat(text(generate, file)).isEqualTo(text(generate, gpt2)).isNotBlank();
    }

    private static String text(String[] arguments, Path model) {
        arguments[arguments.length - 1] = model.toString();
        Run run = Run.jformers(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void refusesAnotherFormatOrType() throws Exception {
        Path file = folder.resolve("x.gguf");
        Path gpt2 = TinyModels.writer(folder);
        assertUsage("Missing required", gpt2, "--type", "q8_0", "--out", file.toString());
        assertUsage("Invalid value for option '--to'", gpt2, "--to", "onnx", "--out", file.toString());
        assertUsage("Invalid value for option '--type'",
                gpt2, "--to", "gguf", "--type", "q4_k", "--out", file.toString());
        assertThat(Files.exists(file)).isFalse();
    }

    private static void assertUsage(String message, Path source, String... options) {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "convert";
        arguments[1] = source.toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        Run run = Run.jformers(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }
}
