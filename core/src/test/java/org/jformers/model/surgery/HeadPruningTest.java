package org.jformers.model.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

class HeadPruningTest {
    private static final int LAYERS = 2;
    private static final int HEADS = 4;

    private static Model tiny() throws Exception {
        Config config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 12, "n_layer": 2, "n_head": 4,
                 "initializer_range": 0.5}
                """), "test");
        return AutoModel.create(config, Task.CAUSAL_LM, 3);
    }

    private static ModelInputs inputs() {
        Tensor ids = Tensors.ofLongs(new long[][] {{1, 5, 10, 2}, {3, 3, 0, 7}});
        return ModelInputs.of(ids).with("labels", ids);
    }

    private static ModelInputs masked(float... factors) {
        return inputs().with("head_mask", Tensors.ofFloats(factors, LAYERS, HEADS));
    }

    private static float[] logits(Model model, java.util.function.Supplier<ModelInputs> inputs) {
        try (NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> Tensors.toFloats(model.forward(inputs.get()).logits()));
        }
    }

    @Test
    void removesOtherHeadsFromEachLayer() throws Exception {
        try (Model model = tiny();
                Model pruned = AutoModel.pruned(model, Map.of(0, Set.of(1, 2), 1, List.of(3)))) {
            float[] masked = logits(model, () -> masked(1, 0, 0, 1, 1, 1, 1, 0));
            assertThat(logits(pruned, HeadPruningTest::inputs)).containsExactly(masked, within(1e-5f));
            // Each head has three maps of 12 to 3 with a constant, and one back without.
            long perHead = 3 * (12 * 3 + 3) + 3 * 12;
            assertThat(model.network().parameterCount() - pruned.network().parameterCount()).isEqualTo(3 * perHead);
            assertThat(pruned.config().common().prunedHeads()).isEqualTo(Map.of(0, Set.of(1, 2), 1, Set.of(3)));
        }
    }

    @Test
    void numbersHeadsAsTheWholeModelDoes() throws Exception {
        try (Model model = tiny();
                Model once = AutoModel.pruned(model, Map.of(0, Set.of(1)));
                Model twice = AutoModel.pruned(once, Map.of(0, Set.of(1, 3)))) {
            float[] masked = logits(model, () -> masked(1, 0, 1, 0, 1, 1, 1, 1));
            assertThat(logits(twice, HeadPruningTest::inputs)).containsExactly(masked, within(1e-5f));
            assertThat(twice.config().common().prunedHeads()).isEqualTo(Map.of(0, Set.of(1, 3)));
        }
    }

    @Test
    void refusesHeadsThatAreNotThereAndToRemoveAll() throws Exception {
        try (Model model = tiny()) {
            assertThatThrownBy(() -> AutoModel.pruned(model, Map.of(0, Set.of(4))))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("0 to 3");
            assertThatThrownBy(() -> AutoModel.pruned(model, Map.of(2, Set.of(0))))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("layer 2");
            assertThatThrownBy(() -> AutoModel.pruned(model, Map.of(0, Set.of(0, 1, 2, 3))))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("all but one");
        }
    }

    @Test
    void importanceIsTheGradientOfTheMask() throws Exception {
        try (Model model = tiny()) {
            List<java.util.function.Supplier<ModelInputs>> batches =
                    List.of(HeadPruningTest::inputs, HeadPruningTest::inputs);
            double[][] importance = HeadImportance.of(
                    model, "head_mask", LAYERS, HEADS, () -> batches.stream().map(b -> b.get()).iterator());
            float step = 0.05f;
            for (int head = 0; head < LAYERS * HEADS; head++) {
                float[] more = {1, 1, 1, 1, 1, 1, 1, 1};
                float[] less = more.clone();
                more[head] += step;
                less[head] -= step;
                double slope = (loss(model, more) - loss(model, less)) / (2 * step);
                assertThat(importance[head / HEADS][head % HEADS])
                        .isGreaterThan(0).isCloseTo(Math.abs(slope), within(2e-3));
            }
            assertThat(model.network().tensors().values()).allMatch(tensor -> !tensor.grad().defined());
        }
    }

    private static double loss(Model model, float[] factors) {
        return Scopes.get(() -> model.forward(masked(factors)).loss().item_double());
    }
}
