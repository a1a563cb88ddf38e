package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.surgery.Resizing;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResizedModelTest {
    private static final String TABLE = "body.input.tokens.weight";

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

    private static float[] values(Model model, String name) {
        return Scopes.get(() -> Tensors.toFloats(model.network().tensors().get(name).to(ScalarType.Float)));
    }

    /**
     * Means are those of transformers 5.18's resize_token_embeddings; its noise is a thirty-thousandth of a deviation.
     */
    @Test
    void putsNewTokensNearTheMeanOfTheOldOnes() throws Exception {
        try (Model model = tiny();
                Model larger = AutoModel.resized(model, 13)) {
            float[] old = values(model, TABLE);
            float[] table = values(larger, TABLE);
            for (int column = 0; column < 6; column++) {
                double mean = 0;
                for (int row = 0; row < 11; row++) {
                    mean += old[row * 6 + column] / 11.0;
                }
                assertThat(table[66 + column]).isCloseTo((float) mean, within(1e-5f));
                assertThat(table[72 + column]).isCloseTo((float) mean, within(1e-5f)).isNotEqualTo(table[66 + column]);
            }
        }
    }

    @Test
    void startsNewTokensAsTheFamilyDoesWhereAsked() throws Exception {
        try (Model model = tiny();
                Model larger = AutoModel.resized(model, Resizing.to(400).withNewRows(Resizing.NewRows.INITIALISED))) {
            float[] table = values(larger, TABLE);
            double squares = 0;
            for (int i = 66; i < table.length; i++) {
                squares += table[i] * (double) table[i] / (table.length - 66);
            }
            assertThat(Math.sqrt(squares)).isCloseTo(0.02, within(0.002));
        }
    }

    @Test
    void roundsUpToAMultiple() throws Exception {
        try (Model model = tiny();
                Model larger = AutoModel.resized(model, Resizing.to(13).roundedUpTo(8))) {
            assertThat(larger.network().tensors().get(TABLE).shape()).containsExactly(16, 6);
            assertThat(ConfigJson.of(larger.config()).get("vocab_size").asInt()).isEqualTo(16);
            assertThat(Resizing.to(16).roundedUpTo(8)).isEqualTo(Resizing.to(16));
        }
        assertThatThrownBy(() -> Resizing.to(13).roundedUpTo(0)).hasMessageContaining("got a multiple of 0");
        assertThatThrownBy(() -> Resizing.to(0)).hasMessageContaining("got 0 tokens");
    }

    @Test
    void keepsTheNumberFormat(@TempDir Path folder) throws Exception {
        try (Model model = tiny()) {
            model.save(folder);
        }
        try (Model half = AutoModel.load(folder, Task.CAUSAL_LM, LoadMode.STRICT, DType.BFLOAT16).model();
                Model larger = AutoModel.resized(half, 14)) {
            larger.network().tensors().forEach((name, tensor) ->
                    assertThat(Tensors.type(tensor)).as(name).isEqualTo(ScalarType.BFloat16));
            assertThat(values(larger, TABLE)).startsWith(values(half, TABLE));
            assertThat(logits(larger)).containsExactly(logits(half));
        }
    }

    /** BERT's output layer has a constant for each token; the reference means it only where the layer is not tied. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void constantsOfScoresFollow(boolean tied) throws Exception {
        Config config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "bert", "vocab_size": 11, "hidden_size": 6, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 9,
                 "tie_word_embeddings": %s}
                """.formatted(tied)), "test");
        String bias = "head.bias";
        try (Model model = AutoModel.create(config, Task.MASKED_LM, 3)) {
            try (NoGrad noGrad = new NoGrad()) {
                Scopes.run(() -> model.network().tensors().get(bias).copy_(Tensors.range(0, 11)));
            }
            try (Model larger = AutoModel.resized(model, 13)) {
                assertThat(values(larger, bias))
                        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, tied ? 0 : 5, tied ? 0 : 5);
            }
        }
    }

    @Test
    void refusesAModelWithoutAVocabulary() throws Exception {
        Config config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "vit", "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2,
                 "intermediate_size": 8, "image_size": 4, "patch_size": 2}
                """), "test");
        try (Model model = AutoModel.create(config, Task.BASE, 3)) {
            assertThatThrownBy(() -> AutoModel.resized(model, 13))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("got ViTModel to resize");
        }
    }
}
