package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jformers.model.SpecJson;
import org.jformers.nn.attention.Attention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.mask.CausalMask;
import org.jformers.testkit.ConformanceResult;
import org.jformers.testkit.Fixtures;
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
    void textsThatMeanTheSameAreNear() throws Exception {
        String model = slashed(TinyModels.reader(folder));
        assertThat(printed(JavaBlocks.of(README).get(0).replace("all-minilm-l6-v2", model)))
                .matches("(true|false)\\R");
    }

    @Test
    void aGpt2FolderWrites() throws Exception {
        assertThat(printed(JavaBlocks.of(README).get(1).replace("path/to/gpt2", slashed(TinyModels.writer(folder)))))
                .isNotEmpty();
    }

    @Test
    void aRuleThatRemembersWrites() throws Exception {
        assertThat(printed(JavaBlocks.of(ROOT.resolve("docs/generation.md")).get(0)
                .replace("path/to/gpt2", slashed(TinyModels.writer(folder))))).isNotEmpty();
    }

    @Test
    void requestsThatBeginAlikeShare() throws Exception {
        assertThat(printed(JavaBlocks.of(ROOT.resolve("docs/generation.md")).get(1)
                .replace("path/to/gpt2", slashed(TinyModels.writer(folder)))).lines())
                .containsExactly("18 false", "20 false");
    }

    @Test
    void aPromptIsKept() throws Exception {
        Path file = folder.resolve("text.safetensors");
        printed(JavaBlocks.of(ROOT.resolve("docs/generation.md")).get(2)
                .replace("path/to/gpt2", slashed(TinyModels.writer(folder)))
                .replace("text.safetensors", slashed(file)));
        assertThat(file).isRegularFile();
    }

    @Test
    void aModelOutOfPartsRuns() throws Exception {
        assertThat(printed(JavaBlocks.of(README).get(2)))
                .startsWith("Stack\n  input = InputEmbedding")
                .contains("blocks[0..7] = Block", "rope = Rope[rotated=16, base=10000.0")
                .endsWith("[1, 3, 96]" + System.lineSeparator());
        assertThat(printed(JavaBlocks.of(README).get(3)))
                .contains("SlidingWindowMask[window=128]", "RmsNorm[width=96");
    }

    @Test
    void theFamiliesOfTheWalkThroughConform() throws Exception {
        Path services = folder.resolve("META-INF/services/org.jformers.model.ModelFamily");
        Files.createDirectories(services.getParent());
        Files.writeString(services, "com.example.gpt.OpenAiGpt\ncom.example.breeze.Breeze\n");
        JavaBlocks.compile(families().filter(block -> block.startsWith("package ")).toList(), folder);

        Path golden = named("first-gpt", Fixtures.folder("models/openai-gpt-lm"));
        Path relative = named("breeze", Fixtures.folder("models/mistral-question-answering"));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            for (Path each : List.of(golden, relative)) {
                ConformanceResult result = as(loader, () -> org.jformers.testkit.Conformance.run(each));
                assertThat(result.summary()).startsWith("passed");
            }
        }
    }

    @Test
    void thePartOfTheWalkThroughRuns() throws Exception {
        JavaBlocks.compile(families()
                .filter(block -> block.contains("GatedAttention"))
                .map(block -> block.startsWith("package ") ? block : JavaBlocks.asProgram(block))
                .toList(), folder);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            assertThat(Printed.by(loader.loadClass("Example")))
                    .startsWith("Stack\n  input = InputEmbedding")
                    .contains("blocks[0..1] = Block", "attention = GatedAttention", "inner = SelfAttention")
                    .endsWith("[1, 3, 96]" + System.lineSeparator());
            Record spec = (Record) loader.loadClass("com.example.breeze.GatedAttention$Spec")
                    .getConstructor(SelfAttention.Spec.class)
                    .newInstance(SelfAttention.Spec.of(96, 6, 16, new CausalMask()));
            assertThat(as(loader, () -> SpecJson.read(SpecJson.write(spec), Attention.Spec.class))).isEqualTo(spec);
        }
    }

    private static Stream<String> families() throws IOException {
        return JavaBlocks.of(ROOT.resolve("docs/adding-a-family.md")).stream();
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

    @Test
    void theObjectiveOfTheWalkThroughIsLearnt() throws Exception {
        List<String> blocks = JavaBlocks.of(ROOT.resolve("docs/adding-an-objective.md"));
        String program = JavaBlocks.asProgram(blocks.get(1))
                .replace("path/to/model", slashed(TinyClassifier.start(folder.resolve("start"))))
                .replace("\"trained\"", "\"" + slashed(folder.resolve("trained")) + "\"");
        JavaBlocks.compile(List.of(blocks.get(0), program), folder);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            List<Double> losses = Printed.by(loader.loadClass("Example")).lines().map(Double::valueOf).toList();
            assertThat(losses).hasSize(100);
            assertThat(losses.get(0)).isBetween(0.05, 0.5); // a quarter of log 2 where both classes are as likely
            assertThat(losses.get(99)).isLessThan(losses.get(0) / 2);
        }
        assertThat(folder.resolve("trained/model.safetensors")).isRegularFile();
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

    private static String slashed(Path folder) {
        return folder.toString().replace('\\', '/');
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
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            return Printed.by(loader.loadClass("Example"));
        }
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
