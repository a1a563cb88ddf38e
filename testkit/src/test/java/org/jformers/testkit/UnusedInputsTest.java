package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelInputs.Option;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No model ignores an input in silence. */
final class UnusedInputsTest {
    private static final Map<String, Option> OPTIONS =
            Map.of("interpolate_pos_encoding", Option.INTERPOLATED_POSITIONS, "return_loss", Option.PAIR_LOSS);

    static List<Path> folders() {
        return ConformanceTest.folders();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void refusesEachInputThatTheModelDoesNotUse(Path folder) {
        try (Model model = AutoModel.load(folder)) {
            Set<String> others = new TreeSet<>(ModelInputs.NAMES);
            others.removeAll(model.takes());
            assertThat(others).hasSizeGreaterThan(10);
            for (String name : others) {
                Scopes.run(
                        () -> assertRefused(model, name, ModelInputs.of(Map.of(name, Tensors.ofLongs(new long[1])))));
            }
            OPTIONS.forEach((name, option) -> {
                if (!model.takes().contains(name)) {
                    assertRefused(model, name, ModelInputs.of(Map.of()).asking(option));
                }
            });
            if (!model.takes().contains("mems")) {
                Scopes.run(() -> assertRefused(
                        model, "mems", ModelInputs.of(Map.of("mems.0", Tensors.ofLongs(new long[1])))));
            }
            if (!model.takes().contains("output_router_logits")) {
                assertRefused(model, "output_router_logits", ModelInputs.of(Map.of()).askingRouterLogits());
            }
        }
    }

    private static void assertRefused(Model model, String name, ModelInputs inputs) {
        assertThatThrownBy(() -> model.forward(inputs))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("model input: got " + name + ", which " + model.identity().architecture())
                .hasMessageContaining("allowed " + new TreeSet<>(model.takes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"models/vit-base", "models/wav2vec2-ctc"})
    void silencesHeadsOfModelsThatReadNoText(String name) {
        try (Model model = AutoModel.load(Fixtures.folder(name));
                NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> {
                ModelInputs inputs = name.contains("vit")
                        ? ModelInputs.of(Map.of("pixel_values", waves(1, 2, 17, 17)))
                        : ModelInputs.of(Map.of("input_values", waves(1, 900)));
                String main = name.contains("vit") ? "last_hidden_state" : "logits";
                Tensor whole = model.forward(inputs).get(main);
                Tensor all_N = Tensors.ofFloats(new float[] {1, 1, 1}, 3);
                Tensor some_N = Tensors.ofFloats(new float[] {1, 0, 1}, 3);
                TensorAssert.assertThat(model.forward(inputs.with("head_mask", all_N)).get(main)).hasValuesOf(whole);
                TensorAssert.assertThat(model.forward(inputs.with("head_mask", some_N)).get(main))
                        .differsFrom(whole, new Tolerance(1e-4, 1e-4));
            });
        }
    }

    private static Tensor waves(long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        return Tensors.range(0, count).to(ScalarType.Float).sin().view(shape);
    }

    @Test
    void refusesToGenerateFromWhatGenerationDoesNotRead() {
        try (Model model = AutoModel.load(Fixtures.folder("models/gpt2-lm"))) {
            Scopes.run(() -> {
                Tensor ids = Tensors.ofLongs(new long[][] {{3, 4}});
                ModelInputs inputs = ModelInputs.of(ids).with("token_type_ids", ids);
                assertThatThrownBy(() -> new Generator(model)
                                .generate(inputs, GenerationConfig.DEFAULT, Controls.NONE))
                        .isInstanceOf(ShapeException.class)
                        .hasMessageContaining("got token_type_ids, which generate does not use");
            });
        }
    }
}
