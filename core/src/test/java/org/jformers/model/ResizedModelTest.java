package org.jformers.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

class ResizedModelTest {

    private static Model tiny() throws Exception {
        Config config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 6, "n_layer": 1, "n_head": 2}
                """), "test");
        return AutoModel.create(config, Task.CAUSAL_LM, 3);
    }

    private static float[] logits(Model model) {
        try (NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> Tensors.toFloats(model.forward(ModelInputs.of(
                            Tensors.ofLongs(new long[][] {{1, 5, 10}})))
                    .logits()
                    .narrow(2, 0, 11)));
        }
    }

    @Test
    void keepsTheScoresOfOldTokensAndScoresNewOnes() throws Exception {
        try (Model model = tiny();
                Model larger = AutoModel.resized(model, 14)) {
            assertThat(logits(larger)).containsExactly(logits(model));
            Scopes.run(() -> {
                Tensor scores = larger.forward(ModelInputs.of(Tensors.ofLongs(new long[][] {{13}}))).logits();
                assertThat(scores.shape()).containsExactly(1, 1, 14);
            });
            Tensor table = larger.network().tensors().get("body.input.tokens.weight");
            assertThat(Tensors.toFloats(table.narrow(0, 11, 3))).doesNotContain(0f);
        }
    }

    @Test
    void keepsTheFirstTokensOfASmallerVocabulary() throws Exception {
        try (Model model = tiny();
                Model smaller = AutoModel.resized(model, 4)) {
            float[] table = Tensors.toFloats(smaller.network().tensors().get("body.input.tokens.weight"));
            float[] old = Tensors.toFloats(model.network().tensors().get("body.input.tokens.weight"));
            assertThat(table).containsExactly(java.util.Arrays.copyOf(old, 24));
        }
    }
}
