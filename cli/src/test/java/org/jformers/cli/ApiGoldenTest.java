package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users compile against stays: each public type, constructor and method that is kept in a file is still there.
 * What is new may be missing from the file. {@code -Dgolden.update} writes the files anew, for a change that is meant.
 */
final class ApiGoldenTest {
    private static final Path GOLDEN = Path.of("../cli/src/test/resources/golden/api");

    @ParameterizedTest
    @ValueSource(strings = {
        "artifacts", "checkpoint", "generation", "hub", "model", "model.auto", "pipeline", "tensor", "text.chat",
        "text.tokenizer", "vision"
    })
    void nothingThatIsKeptIsGone(String part) throws IOException {
        Set<String> signatures = signatures("org.jformers." + part);
        Path file = GOLDEN.resolve(part + ".txt");
        if (System.getProperty("golden.update") != null) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, String.join("\n", signatures) + "\n");
        }
        List<String> kept = Files.readAllLines(file);
        assertThat(kept).hasSizeGreaterThan(3);
        assertThat(signatures).containsAll(kept);
    }

    private static Set<String> signatures(String inPackage) {
        Set<String> signatures = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(inPackage)) {
            if (type.getPackageName().equals(inPackage) && PublicApiTest.isOpen(type)) {
                signatures.add(type.getName());
                Stream.concat(type.getConstructors().stream(), type.getMethods().stream())
                        .filter(ApiGoldenTest::isOpen)
                        .map(ApiGoldenTest::signature)
                        .forEach(signatures::add);
            }
        }
        return signatures;
    }

    private static boolean isOpen(JavaCodeUnit unit) {
        Set<JavaModifier> modifiers = unit.getModifiers();
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    private static String signature(JavaCodeUnit unit) {
        String parameters = unit.getRawParameterTypes().stream().map(JavaClass::getSimpleName)
                .collect(Collectors.joining(", "));
        return unit.getOwner().getName() + "." + unit.getName() + "(" + parameters + ") "
                + unit.getRawReturnType().getSimpleName();
    }
}
