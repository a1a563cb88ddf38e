package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nobody who calls us has to put up with: null, two booleans in a row, types of the engine. */
final class PublicApiTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** Packages for those who write models, objectives and ways to choose tokens: they handle tensors. */
    private static final Set<String> AUTHORS = Set.of(
            "tensor", "nn", "checkpoint", "model", "generation", "objective", "optim", "training", "testkit",
            "conformance", "bench");

    @Test
    void publicMethodsReturnSomethingAndSayWhatIsTrue() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path sources : modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory).toList()) {
                found.addAll(PublicMethods.violations(sources));
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void onlyPackagesForAuthorsShowTheEngine() {
        JavaClasses house = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.jformers");
        List<String> found = new ArrayList<>();
        for (JavaClass type : house) {
            String part = type.getPackageName().replaceFirst("^org\\.jformers\\.?", "").replaceFirst("\\..*", "");
            if (isOpen(type) && !AUTHORS.contains(part)) {
                type.getMethods().stream().filter(PublicApiTest::showsTheEngine).map(JavaMethod::getFullName)
                        .forEach(found::add);
            }
        }
        assertThat(found).isEmpty();
        assertThat(house.get("org.jformers.pipeline.Jformers").getMethods()).hasSizeGreaterThan(10);
        assertThat(house.get("org.jformers.model.Model").getMethods()).anyMatch(PublicApiTest::showsTheEngine);
    }

    /** Whether it and all types around it are public. */
    static boolean isOpen(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(PublicApiTest::isOpen).orElse(true);
    }

    private static boolean showsTheEngine(JavaMethod method) {
        return method.getModifiers().contains(JavaModifier.PUBLIC) && Stream.concat(
                        Stream.of(method.getReturnType()), method.getParameterTypes().stream())
                .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                .anyMatch(type -> type.getName().startsWith("org.bytedeco."));
    }

    @Test
    void noticesWhatIsNotAllowed(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("Bad.java"), """
                public class Bad {
                    public Bad(boolean a, boolean b) {}
                    public String one(boolean left, boolean right) { return left ? null : "x"; }
                    String hidden(boolean left, boolean right) { return null; }
                    public void fine(boolean left, int count, boolean right) {}
                    public interface Open {
                        default Object two() { return (null); }
                        private Object no() { return null; }
                    }
                    private static class Inner { public Object three() { return null; } }
                    public java.util.function.Supplier<String> four() { return () -> { return null; }; }
                    public @Nullable String five() { return null; }
                }
                """);
        assertThat(PublicMethods.violations(folder)).containsExactly(
                "Bad.one: two booleans in a row", "Bad.one: returns null", "Bad.Open.two: returns null");
    }
}
