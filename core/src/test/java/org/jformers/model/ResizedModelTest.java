package org.jformers.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** BART adds a stored constant [1, V] to its scores; T5 may have an output layer of its own. */
    @ParameterizedTest
    @ValueSource(strings = {
        """
        {"model_type": "bart", "vocab_size": 11, "d_model": 6, "encoder_layers": 1, "decoder_layers": 1,
         "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8,
         "max_position_embeddings": 9, "pad_token_id": 1, "decoder_start_token_id": 2, "eos_token_id": 2}
        """,
        """
        {"model_type": "t5", "vocab_size": 11, "d_model": 6, "d_kv": 3, "d_ff": 8, "num_layers": 1, "num_heads": 2,
         "tie_word_embeddings": false, "feed_forward_proj": "gated-gelu", "pad_token_id": 0,
         "decoder_start_token_id": 0}
        """})
    void keepsTheScoresOfEncoderDecoders(String json) throws Exception {
        Config config = AutoConfig.parse(new JsonMapper().readTree(json), "test");
        try (Model model = AutoModel.create(config, Task.SEQ2SEQ_LM, 3);
                Model larger = AutoModel.resized(model, 14);
                NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> {
                Tensor ids = Tensors.ofLongs(new long[][] {{3, 5, 10}});
                ModelInputs inputs = ModelInputs.of(ids).with("decoder_input_ids", ids);
                Tensor scores = larger.forward(inputs).logits();
                assertThat(scores.shape()).containsExactly(1, 3, 14);
                assertThat(Tensors.toFloats(scores.narrow(2, 0, 11)))
                        .containsExactly(Tensors.toFloats(model.forward(inputs).logits()));
            });
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
