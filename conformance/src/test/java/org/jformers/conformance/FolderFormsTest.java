package org.jformers.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.testkit.Check.Outcome;
import org.jformers.testkit.ConformanceResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders as two versions of the reference save them, with older tokenizer files, in .bin files, or without a class
 * name, are read as the reference reads them. {@code tools/golden/make_folder_forms.py} makes those of all families.
 */
final class FolderFormsTest {

    private static Stream<Path> cases() throws IOException, URISyntaxException {
        Path forms = Path.of(FolderFormsTest.class.getResource("/forms").toURI());
        try (Stream<Path> families = Files.list(forms)) {
            return families.sorted().flatMap(family -> Cases.in(family).stream()).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isReadAsInPython(Path one) {
        ConformanceResult result = Cases.run(one);

        assertThat(result.outcome()).as(one.getFileName() + ": " + result.summary()).isEqualTo(Outcome.PASSED);
    }

    @Test
    void everyFormIsThereOfBothVersions() throws IOException, URISyntaxException {
        Set<String> forms = cases()
                .map(one -> one.getFileName().toString().replaceAll(".*-([a-z]+-)([0-9.]+)-[a-z]+$", "$1$2"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(forms.stream().map(form -> form.replaceAll("-.*", "")).distinct())
                .containsExactly("nameless", "older", "saved", "sharded");
        assertThat(forms.stream().map(form -> form.replaceAll(".*-", "")).distinct())
                .containsExactlyInAnyOrder("4.57", "5.18");
    }
}
