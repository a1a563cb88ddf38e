package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages on fine-tuning for vectors and for images: what they show compiles, runs and trains. */
final class FineTuningPagesTest {
    private static final Path DOCS = Path.of("").toAbsolutePath().getParent().resolve("docs");
    private static final Path ENCODER = Path.of("src/test/resources/pipelines/bert-vectors");
    private static final Pattern JSON = Pattern.compile("(?ms)^```json\\R(.*?)^```");

    @TempDir
    private Path folder;

    @Test
    void theQuestionsAreTrained() throws IOException {
        List<String> blocks = JavaBlocks.of(DOCS.resolve("fine-tuning-embeddings.md"));
        assertThat(blocks).hasSize(1);
        JavaBlocks.compile(List.of(JavaBlocks.asProgram(blocks.get(0))), folder);
        Path run = folder.resolve("run");
        Run trained = Run.jformers("finetune", ENCODER.toString(), "--task", "sentence-embedding",
                "--train", DOCS.resolve("examples/help.tsv").toString(), "--text", "anchor", "--pair", "positive",
                "--epochs", "1", "--out", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.out()).startsWith("mrr ").contains("run sentence-similarity --model");
        Run asked = Run.jformers("run", "sentence-similarity", "--model", run.resolve("model").toString(),
                "--source", "How do I end a run?", "Press Ctrl-C once.", "A label.");
        assertThat(asked.out()).matches("-?\\d\\.\\d{4}\tPress Ctrl-C once\\.\n-?\\d\\.\\d{4}\tA label\\.\n");
        Run vectors = Run.jformers("run", "embeddings", "--model", run.resolve("model").toString(), "one text");
        assertThat(vectors.out().split("\t")).hasSize(16);
    }

    @Test
    void shapesAreDrawnAndLearned() throws Exception {
        Path page = DOCS.resolve("fine-tuning-images.md");
        JavaBlocks.compile(JavaBlocks.of(page), folder);
        Path shapes = folder.resolve("shapes");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass("Shapes").getMethod("main", String[].class)
                    .invoke(null, (Object) new String[] {shapes.toString(), "20"});
        }
        Matcher json = JSON.matcher(Files.readString(page));
        assertThat(json.find()).isTrue();
        Path experiment = Files.writeString(folder.resolve("shapes.json"), json.group(1)
                .replace("\"train\": \"shapes\"", "\"train\": \"" + shapes.toString().replace('\\', '/') + "\"")
                .replace("\"epochs\": 10", "\"epochs\": 2"));
        Path run = folder.resolve("run");
        Run trained = Run.jformers("train", experiment.toString(), "--out", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.out()).startsWith("accuracy ").contains("run image-classification --model");
        Run asked = Run.jformers("run", "image-classification", "--model", run.resolve("model").toString(),
                "--top-k", "1", shapes.resolve("disc/0.png").toString());
        assertThat(asked.out()).matches("(disc|ring|bar)\t\\d\\.\\d{4}\n");
        // The experiment of the results differs in nothing but its numbers.
        Run digits = Run.jformers("experiments", "show", DOCS.resolve("examples/digits.json").toString());
        assertThat(digits.exitCode()).as(digits.err()).isZero();
    }
}
