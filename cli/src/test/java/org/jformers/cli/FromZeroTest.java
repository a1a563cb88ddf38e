package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page for those who begin: its programs run, and its coordinates are those of our modules. */
final class FromZeroTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path PAGE = ROOT.resolve("docs/from-zero.md");
    private static final Pattern COORDINATE = Pattern.compile("org\\.jformers:(jformers-[\\w-]+)(?::([\\d.]+))?");
    private static final Pattern ELEMENTS =
            Pattern.compile("<artifactId>(jformers-[\\w-]+)</artifactId>(?:\\s*<version>([\\d.]+)</version>)?");

    @TempDir
    private Path folder;

    @Test
    void itsProgramsRun() throws Exception {
        Path train = folder.resolve("train.tsv");
        StringBuilder rows = new StringBuilder("text\tlabel\n");
        for (int i = 0; i < 20; i++) {
            rows.append("film ").append(i).append(i % 2 == 0 ? " is good\tgood\n" : " is poor\tpoor\n");
        }
        Files.writeString(train, rows);
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(8);
        Path start = TinyClassifier.start(folder.resolve("start"));
        assertThat(printed(blocks.get(0), "all-minilm-l6-v2", TinyModels.reader(folder)).lines())
                .containsExactlyInAnyOrder(
                        "a dog barks at the moon", "the train was late", "interest rates went up");
        Path classes = TinyModels.classifier(folder);
        assertThat(printed(blocks.get(1), "runs/mine/model", classes)).contains("good ", "poor ", " loaded");
        assertThat(printed(blocks.get(2), "runs/mine/model", classes)).contains("Label[label=");
        assertThat(printed(blocks.get(3), "path/to/gpt2", TinyModels.writer(folder))).isNotBlank();
        assertThat(printed(blocks.get(4), "path/to/gpt2", TinyModels.writer(folder))).isNotBlank();
        assertThat(printed(blocks.get(5), "path/to/gpt2", TinyModels.writer(folder))).endsWith(" (end)\n");
        assertThat(printed(blocks.get(6), "path/to/chat-model", talker())).isNotEmpty();
        String training = blocks.get(7).replace("train.tsv", slashed(train))
                .replace("runs/mine", slashed(folder.resolve("run")));
        assertThat(printed(training, "all-minilm-l6-v2", start)).startsWith("accuracy ");
    }

    /** The tiny model of conversations, with room for those of the page. */
    private Path talker() throws IOException {
        Path talker = Files.createDirectory(folder.resolve("talker"));
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/pipelines/llama-writes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, talker.resolve(file.getFileName().toString()));
            }
        }
        Path config = talker.resolve("config.json");
        Files.writeString(config, Files.readString(config)
                .replaceAll("\"max_position_embeddings\": *\\d+", "\"max_position_embeddings\": 512"));
        Files.writeString(talker.resolve("generation_config.json"), "{\"max_new_tokens\": 12}");
        return talker;
    }

    private String printed(String block, String model, Path ours) throws Exception {
        boolean whole = block.contains("class ");
        String program = (whole ? block : JavaBlocks.asProgram(block)).replace(model, slashed(ours));
        JavaBlocks.compile(List.of(program), folder);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            return Printed.by(loader.loadClass(whole ? "Search" : "Example"));
        }
    }

    private static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }

    /** Gradle and JBang are not at hand in the build; what they are told to resolve are these coordinates. */
    @Test
    void itsCoordinatesAreOurs() throws IOException {
        TreeSet<String> modules = new TreeSet<>();
        String version = "";
        try (Stream<Path> poms = Files.walk(ROOT, 3)) {
            for (Path pom : poms.filter(file -> file.endsWith("pom.xml")).toList()) {
                Matcher own = Pattern.compile("(?s)<artifactId>(jformers-[\\w-]+)</artifactId>")
                        .matcher(Files.readString(pom).replaceFirst("(?s)<parent>.*?</parent>", ""));
                if (own.find()) {
                    modules.add(own.group(1));
                }
            }
        }
        Matcher project = Pattern.compile("<version>([\\d.]+)</version>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")));
        if (project.find()) {
            version = project.group(1);
        }
        List<String> named = new ArrayList<>();
        for (Path page : List.of(PAGE, ROOT.resolve("README.md"), ROOT.resolve("docs/adding-a-family.md"))) {
            for (Pattern pattern : List.of(COORDINATE, ELEMENTS)) {
                Matcher matcher = pattern.matcher(Files.readString(page));
                while (matcher.find()) {
                    named.add(matcher.group(1));
                    assertThat(matcher.group(2)).as(page + ": " + matcher.group()).isIn(null, version);
                }
            }
        }
        assertThat(named).hasSizeGreaterThan(8);
        assertThat(modules).containsAll(named);
    }

    /** What has no version on the page has one in the BOM; the page's other versions are those of the build. */
    @Test
    void itsVersionsComeFromTheBomAndTheBuild() throws IOException {
        String page = Files.readString(PAGE);
        String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
        List<String> free = new ArrayList<>();
        for (Pattern pattern : List.of(COORDINATE, ELEMENTS)) {
            Matcher matcher = pattern.matcher(page);
            while (matcher.find()) {
                if (matcher.group(2) == null) {
                    free.add(matcher.group(1));
                }
            }
        }
        assertThat(free).contains("jformers-artifacts", "jformers-train", "jformers-natives-linux-x86_64");
        for (String artifact : free) {
            assertThat(bom).contains("<groupId>org.jformers</groupId><artifactId>" + artifact
                    + "</artifactId><version>${project.version}</version>");
        }
        Matcher logback = Pattern.compile(
                "<artifactId>logback-classic</artifactId>\\s*<version>([\\d.]+)</version>").matcher(page);
        assertThat(logback.find()).isTrue();
        assertThat(Files.readString(ROOT.resolve("pom.xml")))
                .contains("<logback.version>" + logback.group(1) + "</logback.version>");
    }

    /** Each machine that the page names for Gradle has a module, whose engine is that machine's. */
    @Test
    void itsMachinesHaveNativeLibraries() throws IOException {
        List<String> named = Pattern.compile("`(\\w+-(?:x86_64|arm64))`").matcher(Files.readString(PAGE)).results()
                .map(match -> match.group(1)).toList();
        assertThat(named).hasSize(3);
        for (String machine : named) {
            String pom = Files.readString(ROOT.resolve("natives/" + machine + "/pom.xml"));
            assertThat(pom).contains("<artifactId>jformers-natives-" + machine + "</artifactId>");
            for (String library : List.of("javacpp", "pytorch")) {
                assertThat(pom).containsPattern("<artifactId>" + library + "</artifactId><version>[^<]+</version>"
                        + "<classifier>" + machine + "</classifier>");
            }
        }
    }
}
