package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.testkit.ConformanceResult;
import org.jformers.testkit.Fixtures;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the documents to what the code does: examples run, links lead somewhere, tables are complete. */
final class ReadmeExamplesTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path README = ROOT.resolve("README.md");
    private static final Pattern LINK = Pattern.compile("\\[([^]]*)]\\(([^)#\\s]+)[^)]*\\)(?:`#(\\w+)`)?");

    @TempDir
    private Path folder;

    @Test
    void aGpt2FolderWrites() throws Exception {
        Path gpt2 = folder.resolve("gpt2");
        var tokenizer = ByteLevelBpeTrainer.builder().vocabSize(300).build().train(List.of("A volcano is a mountain."));
        var config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": %d, "n_positions": 64, "n_embd": 8, "n_layer": 1, "n_head": 2}
                """.formatted(tokenizer.vocabSize())), "test");
        try (Model model = AutoModel.create(config, Task.CAUSAL_LM, 1)) {
            model.save(gpt2);
        }
        tokenizer.save(gpt2);
        GenerationConfig.builder().build().save(gpt2);

        assertThat(printed(JavaBlocks.of(README).get(0).replace("path/to/gpt2", gpt2.toString().replace('\\', '/'))))
                .isNotEmpty();
    }

    @Test
    void aModelOutOfPartsRuns() throws Exception {
        assertThat(printed(JavaBlocks.of(README).get(1)))
                .startsWith("Spec[input=Spec[tokens=Spec[entries=5000").endsWith("[1, 3, 96]" + System.lineSeparator());
    }

    @Test
    void theFamilyOfTheWalkThroughConforms() throws Exception {
        Path services = folder.resolve("META-INF/services/org.jformers.model.ModelFamily");
        Files.createDirectories(services.getParent());
        Files.writeString(services, "com.example.gpt.OpenAiGpt\n");
        JavaBlocks.compile(JavaBlocks.of(ROOT.resolve("docs/adding-a-family.md")), folder);

        Path golden = named("first-gpt", Fixtures.folder("models/openai-gpt-lm"));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            ConformanceResult result = as(loader, () -> org.jformers.testkit.Conformance.run(golden));
            assertThat(result.summary()).startsWith("passed");
        }
    }

    @Test
    void fineTuningInJavaCompiles() throws IOException {
        List<String> blocks = JavaBlocks.of(ROOT.resolve("docs/fine-tuning.md"));
        assertThat(blocks).hasSize(1);
        JavaBlocks.compile(List.of(JavaBlocks.asProgram(blocks.get(0))), folder);
    }

    @Test
    void theTaskOfTheWalkThroughIsTrained() throws Exception {
        Path services = folder.resolve("META-INF/services/org.jformers.experiment.TaskType");
        Files.createDirectories(services.getParent());
        Files.writeString(services, "com.example.folders.FolderClassification$Type\n");
        JavaBlocks.compile(JavaBlocks.of(ROOT.resolve("docs/adding-a-task.md")), folder);
        Path start = TinyClassifier.start(folder.resolve("start"));
        Path reviews = folder.resolve("reviews");
        for (int i = 0; i < 40; i++) {
            String kind = i % 2 == 0 ? "good" : "poor";
            Files.createDirectories(reviews.resolve(kind));
            Files.writeString(reviews.resolve(kind).resolve(i + ".txt"), "film " + i + " is " + kind);
        }
        Path run = folder.resolve("run");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Run result = as(loader, () -> Run.jformers("finetune", start.toString(),
                    "--task", "folder-classification", "--folder", reviews.toString(), "--epochs", "6",
                    "--batch", "4", "--learning-rate", "1e-2", "--precision", "float32", "--lora", "4",
                    "--out", run.toString()));
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(result.out()).startsWith("accuracy ").contains("run text-classification --model");
            Run again = as(loader, () -> Run.jformers(
                    "experiments", "show", run.resolve("experiment.json").toString(), "--docs"));
            assertThat(again.out()).contains("task.type = folder-classification",
                    "task.batch = 4  # texts of a batch, >= 1", "training.epochs = 6", "model.lora.rank = 4");
        }
        Path other = Files.writeString(folder.resolve("other.json"), Files.readString(run.resolve("experiment.json"))
                .replace("folder-classification", "text-klassification"));
        assertThat(Run.jformers("experiments", "show", other.toString()).err())
                .contains("task: got text-klassification, nearest [text-classification").contains("other.json");
    }

    /** A copy of a golden folder whose config names another family. */
    private Path named(String modelType, Path golden) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(modelType));
        try (Stream<Path> files = Files.list(golden)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
        }
        Path config = copy.resolve("config.json");
        String own = Files.readString(config);
        Files.writeString(
                config, own.replaceAll("\"model_type\": \"[^\"]*\"", "\"model_type\": \"" + modelType + "\""));
        return copy;
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                Path target = document.resolveSibling(link.group(2)).normalize();
                boolean there = link.group(2).startsWith("http") || Files.exists(target)
                        && (link.group(3) == null || Files.readString(target).contains(" " + link.group(3) + "("));
                if (!there) {
                    broken.add(ROOT.relativize(document) + ": " + link.group());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void theTableOfFamiliesIsThatOfTheRegistry() throws IOException {
        assertThat(Files.readString(README)).contains("\n\n" + String.join("\n", FamiliesCommand.table()) + "\n\n");
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> root = Files.list(ROOT); Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            Stream.concat(root, docs).filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    /** What a block prints when it runs. */
    private String printed(String block) throws Exception {
        JavaBlocks.compile(List.of(JavaBlocks.asProgram(block)), folder);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass("Example").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static <T> T as(ClassLoader loader, java.util.function.Supplier<T> body) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            return body.get();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
