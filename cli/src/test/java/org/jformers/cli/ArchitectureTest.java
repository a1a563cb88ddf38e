package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the plan of the house: who may use whom, without circles, who may touch the engine, how long a file may be. */
final class ArchitectureTest {
    private static final int LONGEST_FILE = 500;
    private static final int LONGEST_FAMILY = 200;

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.jformers");
    private static final HouseRules RULES = new HouseRules("org.jformers");

    private static final String SAMPLES = "org.jformers.cli.sample";
    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(SAMPLES);
    private static final HouseRules SAMPLE_RULES = new HouseRules(SAMPLES);

    @Test
    void seesEveryModule() {
        for (String part : List.of(
                "text.tokenizer", "tensor", "nn", "artifacts", "server", "langchain4j", "data", "settings",
                "conformance", "cli")) {
            assertThat(HOUSE.containPackage("org.jformers." + part)).as(part).isTrue();
        }
        assertThat(HOUSE.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void partsUseOnlyPartsBelowThem() {
        RULES.directions().forEach(rule -> rule.check(HOUSE));
    }

    @Test
    void packagesMakeNoCircle() {
        RULES.circles().check(HOUSE);
    }

    @Test
    void familiesPipelinesDataAndCommandsDoNotNameTheEngine() {
        RULES.engine().check(HOUSE);
    }

    @Test
    void onlyScopesExtendsLifetimes() {
        RULES.lifetimes().check(HOUSE);
    }

    @Test
    void tensorsAreMadeInOnePlace() {
        RULES.devices().check(HOUSE);
    }

    @Test
    void librariesPrintNothing() {
        RULES.silence().check(HOUSE);
    }

    @Test
    void packagesSayWhatMayBeNull() throws IOException {
        assertThat(unmarked(repository())).isEmpty();
    }

    @Test
    void filesStayShort() throws IOException {
        assertThat(tooLong(repository())).isEmpty();
    }

    @Test
    void noticesPartsThatLookUp() {
        List<String> found = new ArrayList<>();
        SAMPLE_RULES.directions().forEach(rule -> found.addAll(violations(rule)));
        assertThat(found).anySatisfy(text -> assertThat(text).contains("tensor.LooksUp").contains("nn.NamesEngine"));
        assertThat(found).anySatisfy(text -> assertThat(text).contains("text.UsesTensors"));
        assertThat(found).anySatisfy(text -> assertThat(text).contains("head.UsesFamilies").contains("family."));
        assertThat(found).allSatisfy(text ->
                assertThat(text).containsAnyOf("tensor.LooksUp", "text.UsesTensors", "<" + SAMPLES + ".model.head"));
    }

    @Test
    void noticesPackagesInACircle() {
        assertThat(violations(SAMPLE_RULES.circles())).singleElement().satisfies(text -> assertThat(text)
                .contains("Slice model.family", "Slice model.head", "family.TouchesTensors", "head.UsesFamilies"));
    }

    @Test
    void noticesTheEngineWhereItDoesNotBelong() {
        assertThat(violations(SAMPLE_RULES.engine()))
                .anySatisfy(text -> assertThat(text).contains("family.TouchesTensors"))
                .noneSatisfy(text -> assertThat(text).contains("NamesEngine"));
    }

    @Test
    void noticesExtendedLifetimes() {
        assertThat(violations(SAMPLE_RULES.lifetimes()))
                .anySatisfy(text -> assertThat(text).contains("keeps").contains("retainReference"))
                .anySatisfy(text -> assertThat(text).contains("moves").contains("attach"))
                .anySatisfy(text -> assertThat(text).contains("frees").contains("detach"))
                .noneSatisfy(text -> assertThat(text).contains("leavesTheGraph"))
                .noneSatisfy(text -> assertThat(text).contains("tensor.Scopes.keep"));
    }

    @Test
    void noticesTensorsMadeElsewhere() {
        assertThat(violations(SAMPLE_RULES.devices()))
                .anySatisfy(text -> assertThat(text).contains("nn.MakesTensors.zeros"))
                .anySatisfy(text -> assertThat(text).contains("nn.MakesTensors.onTheHost", "TensorOptions"))
                .anySatisfy(text -> assertThat(text).contains("nn.MakesTensors.down", "cpu"))
                .noneSatisfy(text -> assertThat(text).contains("beside"))
                .noneSatisfy(text -> assertThat(text).contains("tensor.Tensors"));
    }

    @Test
    void noticesPrinting() {
        assertThat(violations(SAMPLE_RULES.silence())).hasSize(2).allSatisfy(text ->
                assertThat(text).contains("text.UsesTensors"));
    }

    @Test
    void noticesPackagesThatDoNotSayWhatMayBeNull(@TempDir Path folder) throws IOException {
        Path sources = folder.resolve("core/src/main/java/org/jformers");
        for (String part : List.of("bare", "plain", "marked")) {
            Files.createDirectories(sources.resolve(part));
            Files.writeString(sources.resolve(part).resolve("Some.java"), "");
        }
        Files.writeString(sources.resolve("plain/package-info.java"), "package org.jformers.plain;\n");
        Files.writeString(sources.resolve("marked/package-info.java"), "@NullMarked\npackage org.jformers.marked;\n");
        assertThat(unmarked(folder)).hasSize(2)
                .anySatisfy(text -> assertThat(text).endsWith("bare"))
                .anySatisfy(text -> assertThat(text).endsWith("plain"));
    }

    @Test
    void noticesLongFiles(@TempDir Path folder) throws IOException {
        Path family = folder.resolve("core/src/main/java/org/jformers/model/family");
        Files.createDirectories(family);
        Files.writeString(family.resolve("Gpt2.java"), "\n".repeat(LONGEST_FAMILY - 1));
        Files.writeString(family.resolve("Bert.java"), "\n".repeat(LONGEST_FAMILY));
        Files.writeString(family.resolveSibling("Model.java"), "\n".repeat(LONGEST_FILE - 1));
        Files.writeString(family.resolveSibling("Auto.java"), "\n".repeat(LONGEST_FILE));
        assertThat(tooLong(folder)).hasSize(2)
                .anySatisfy(text -> assertThat(text).contains("Bert.java"))
                .anySatisfy(text -> assertThat(text).contains("Auto.java"));
    }

    private static List<String> violations(ArchRule rule) {
        EvaluationResult result = rule.evaluate(BROKEN);
        return result.getFailureReport().getDetails();
    }

    /** Packages of main code without {@code @NullMarked}, in which NullAway would check nothing. */
    private static List<String> unmarked(Path repository) throws IOException {
        List<String> unmarked = new ArrayList<>();
        for (Path sources : sources(repository)) {
            try (Stream<Path> files = Files.walk(sources)) {
                List<Path> packages = files.filter(file -> file.toString().endsWith(".java"))
                        .map(Path::getParent).distinct().toList();
                for (Path some : packages) {
                    Path info = some.resolve("package-info.java");
                    if (!Files.isRegularFile(info) || !Files.readString(info).contains("@NullMarked")) {
                        unmarked.add(repository.relativize(some).toString());
                    }
                }
            }
        }
        return unmarked;
    }

    private static List<Path> sources(Path repository) throws IOException {
        try (Stream<Path> folders = Files.list(repository)) {
            return folders.map(folder -> folder.resolve("src/main/java")).filter(Files::isDirectory).toList();
        }
    }

    /** Main files with as many lines as the limit or more, as {@code path: lines}. */
    private static List<String> tooLong(Path repository) throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path sources : sources(repository)) {
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    boolean family = file.getParent().endsWith(Path.of("org", "jformers", "model", "family"));
                    long lines = Files.readString(file, StandardCharsets.UTF_8).lines().count();
                    if (lines >= (family ? LONGEST_FAMILY : LONGEST_FILE)) {
                        tooLong.add(repository.relativize(file) + ": " + lines + " lines");
                    }
                }
            }
        }
        return tooLong;
    }

    /** The root of the checkout: tests run in the folder of their module. */
    private static Path repository() {
        Path root = Path.of("").toAbsolutePath().getParent();
        assertThat(root.resolve("jformers")).exists();
        return root;
    }
}
