package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every golden model computes in the two formats of 16 bits what it computes in float32, but for their rounding. */
class HalfPrecisionTest {
    /**
     * Where rounding sends a token to another expert, and where attention is sharp: small errors become large there.
     */
    private static final Set<String> STEEP = Set.of("switch-transformers-lm", "mt5-lm");

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void computesWhatFloat32Computes(DType precision) throws IOException {
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (Path folder : Fixtures.children(Fixtures.folder("models"))) {
            try {
                double off = error(folder, precision);
                boolean steep = STEEP.contains(folder.getFileName().toString());
                double allowed = steep ? 0.3 : precision == DType.FLOAT16 ? 0.025 : 0.12;
                if (!(off < allowed)) {
                    wrong.add(folder.getFileName() + ": off by " + off);
                }
                compared++;
            } catch (RuntimeException e) {
                wrong.add(folder.getFileName() + ": " + e.toString().lines().findFirst().orElse(""));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(50);
    }

    /** The largest error of an output, relative to its largest value, over all that have a defined value. */
    private static double error(Path folder, DType precision) {
        double[] worst = new double[1];
        Scopes.run(() -> {
            try (GoldenModel golden = GoldenModel.open(folder);
                    Model wide = AutoModel.load(folder);
                    Model narrow = AutoModel.load(folder, LoadRequest.DECLARED.withPrecision(precision)).model();
                    NoGrad noGrad = new NoGrad()) {
                for (GoldenModel.Case one : golden.cases()) {
                    GoldenCase.Outputs expected = new GoldenCase(golden, wide, one).run();
                    GoldenCase.Outputs got = new GoldenCase(golden, narrow, one).run();
                    assertThat(got.tensors().keySet()).isEqualTo(expected.tensors().keySet());
                    expected.tensors().forEach((name, tensor) -> {
                        if (tensor.is_floating_point() && !name.contains("attentions")) {
                            double scale = Math.max(1e-3, tensor.abs().max().to(ScalarType.Double).item_double());
                            Difference off = ModelConformance.difference(got, name, tensor, Tolerance.EXACT);
                            worst[0] = Math.max(worst[0], off.error() / scale);
                        }
                    });
                }
            }
        });
        return worst[0];
    }
}
