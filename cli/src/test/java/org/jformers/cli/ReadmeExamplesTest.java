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
