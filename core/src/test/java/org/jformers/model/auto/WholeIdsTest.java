package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ids and labels that are no whole numbers are one line, not the engine's stack. */
final class WholeIdsTest {
    private static Model model() throws Exception {
        return AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 9, "n_positions": 8, "n_embd": 4, "n_layer": 1, "n_head": 1}
                """), "test"), Task.CAUSAL_LM, 1);
    }

    private static Tensor two(ScalarType type) {
        return Tensors.ofLongs(new long[] {1, 2}, 1, 2).to(type);
    }

    @ParameterizedTest
    @CsvSource({"input_ids, Float", "input_ids, Bool", "position_ids, Double", "token_type_ids, Half",
        "decoder_input_ids, BFloat16", "langs, Float"})
    void refusesIdsOfOtherTypes(String name, ScalarType type) {
        Scopes.run(() -> assertThatThrownBy(() -> ModelInputs.of(Map.of(name, two(type))))
                .isInstanceOf(ShapeException.class)
                .hasMessage(name + ": got numbers of type " + type + ", allowed Long and Int"));
    }

    @Test
    void refusesLabelsOfOtherTypes() throws Exception {
        try (Model model = model()) {
            Scopes.run(() -> {
                ModelInputs inputs = ModelInputs.of(two(ScalarType.Long));
                assertThatThrownBy(() -> model.forward(inputs.with("labels", two(ScalarType.Float))))
                        .isInstanceOf(ShapeException.class)
                        .hasMessage("labels: got numbers of type Float, allowed Long and Int");
                assertThatThrownBy(() -> model.loss(inputs.with("labels", two(ScalarType.Float))))
                        .isInstanceOf(ShapeException.class)
                        .hasMessage("labels: got numbers of type Float, allowed Long and Int");
            });
        }
    }

    @Test
    void takesWholeNumbersOfBothSizes() throws Exception {
        try (Model model = model()) {
            Scopes.run(() -> {
                double loss = loss(model, ScalarType.Long);
                assertThat(loss(model, ScalarType.Int)).isEqualTo(loss).isFinite();
            });
        }
    }

    private static double loss(Model model, ScalarType type) {
        return model.forward(ModelInputs.of(two(type)).with("labels", two(type))).loss().item_double();
    }
}
