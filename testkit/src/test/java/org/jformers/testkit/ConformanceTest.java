package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.jformers.model.ModelFamily;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.testkit.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ConformanceTest {

    /** Every model folder that comes with this module. */
    static List<Path> folders() {
        return Fixtures.children(Fixtures.folder("models/gpt2-lm").getParent());
    }

    @Test
    void everyFamilyHasAGoldenModel() {
        assertThat(folders()).map(folder -> AutoConfig.load(folder).common().values().get("model_type"))
                .containsAll(ModelFamilies.builtIn().stream().map(ModelFamily::modelType).toList());
    }

    @ParameterizedTest
    @MethodSource("folders")
    void reproducesTheReference(Path folder) {
        ConformanceResult result = Conformance.run(folder);

        assertThat(result.of(Outcome.FAILED)).isEmpty();
        assertThat(result.outcome()).isEqualTo(Outcome.PASSED);
        assertThat(result.of(Outcome.PASSED)).hasSizeGreaterThan(5);
    }
}
