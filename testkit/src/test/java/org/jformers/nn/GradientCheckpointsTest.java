package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.stack.GradientCheckpoints;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Handles;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientCheckpointsTest {
    private static final String GPT2 = """
            {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 12, "n_layer": 3, "n_head": 2}""";
    private static final String BERT = """
            {"model_type": "bert", "vocab_size": 11, "hidden_size": 12, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 20, "max_position_embeddings": 9}""";
    private static final String ALBERT = """
            {"model_type": "albert", "vocab_size": 11, "embedding_size": 6, "hidden_size": 12, "num_hidden_layers": 3,
             "num_attention_heads": 2, "intermediate_size": 20, "max_position_embeddings": 9,
             "hidden_dropout_prob": 0.1}""";
    private static final String T5 = """
            {"model_type": "t5", "vocab_size": 11, "d_model": 12, "d_kv": 6, "d_ff": 20, "num_layers": 2,
             "num_heads": 2, "decoder_start_token_id": 0, "pad_token_id": 0}""";
    private static final String DEBERTA = """
            {"model_type": "deberta-v2", "vocab_size": 11, "hidden_size": 12, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 20, "max_position_embeddings": 9,
             "relative_attention": true, "position_buckets": 4, "norm_rel_ebd": "layer_norm", "share_att_key": true,
             "pos_att_type": "p2c|c2p", "position_biased_input": false, "type_vocab_size": 0}""";
    private static final String MIXTRAL = """
            {"model_type": "mixtral", "vocab_size": 11, "hidden_size": 12, "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 20, "max_position_embeddings": 9,
             "num_local_experts": 3, "num_experts_per_tok": 2, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
             "output_router_logits": true, "router_aux_loss_coef": 0.5, "attention_dropout": 0.1}""";

    private static final String TRANSFO_XL = """
            {"model_type": "transfo-xl", "vocab_size": 11, "cutoffs": [4, 7], "div_val": 2, "d_model": 12, "d_embed": 8,
             "n_layer": 3, "n_head": 2, "d_head": 6, "d_inner": 20, "mem_len": 4, "untie_r": false, "dropout": 0.1,
             "dropatt": 0.1, "tie_projs": [false, true, true]}""";
    private static final String XLNET = """
            {"model_type": "xlnet", "vocab_size": 11, "d_model": 12, "n_layer": 3, "n_head": 2, "d_inner": 20,
             "mem_len": 4, "dropout": 0.1}""";

    /** Gradients that several layers give to one tensor add up in another order. */
    private static final Map<Precision, Tolerance> TOLERANCE = Map.of(
            Precision.FLOAT32, new Tolerance(1e-6, 1e-5),
            Precision.BFLOAT16, new Tolerance(2e-3, 2e-2));

    private static Model model(String json) {
        try {
            return AutoModel.create(AutoConfig.parse(new JsonMapper().readTree(json), "test"), task(json), 3);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Task task(String json) {
        return json.equals(T5) ? Task.SEQ2SEQ_LM
                : json.equals(BERT) || json.equals(ALBERT) || json.equals(DEBERTA) ? Task.MASKED_LM : Task.CAUSAL_LM;
    }

    private static ModelOutput forward(Model model) {
        Tensor ids = Tensors.ofLongs(new long[][] {{1, 5, 10, 2, 4}, {3, 3, 6, 7, 9}});
        ModelInputs inputs = ModelInputs.of(ids).with("labels", ids)
                .with("attention_mask", Tensors.ofLongs(new long[][] {{1, 1, 1, 1, 1}, {1, 1, 1, 0, 0}}));
        if (model.takes().contains("target_mapping")) { // each token is to be predicted from those before it
            Tensor one_TT = torch.eye(5);
            inputs = inputs.with("target_mapping", torch.stack(new TensorVector(one_TT, one_TT), 0))
                    .with("perm_mask", torch.stack(new TensorVector(one_TT, torch.ones_like(one_TT).triu()), 0));
        }
        return model.forward(
                model.identity().task() == Task.SEQ2SEQ_LM ? inputs.with("decoder_input_ids", ids) : inputs);
    }

    /** The gradients of one step with dropout, and the loss and a random number after it. */
    private static Map<String, Tensor> step(Model model, Precision precision, boolean recompute) {
        model.network().train(true);
        model.network().tensors().values().forEach(tensor -> tensor.mutable_grad().reset());
        Seeds.seed(9);
        Map<String, Tensor> all = new LinkedHashMap<>();
        if (recompute) {
            try (GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                all.put("loss", precision.compute(() -> forward(model).loss()));
                checkpoints.backward(all.get("loss"));
            }
        } else {
            all.put("loss", precision.compute(() -> forward(model).loss()));
            all.get("loss").backward();
        }
        Tensor random = Tensors.empty(ScalarType.Float, 1);
        Tensors.fillUniform(random, 0, 1);
        all.put("random", random);
        model.network().parameters().forEach((name, parameter) -> {
            if (parameter.tensor().grad().defined()) { // XLNet's segments wait for token types
                all.put(name, parameter.tensor().grad().clone());
            }
        });
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {GPT2, BERT, ALBERT, T5, DEBERTA, MIXTRAL, TRANSFO_XL, XLNET})
    void gradientsAreTheSameWithDropout(String config) {
        for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
            Scopes.run(() -> {
                try (Model model = model(config)) {
                    Map<String, Tensor> whole = step(model, precision, false);
                    Map<String, Tensor> recomputed = step(model, precision, true);
                    assertThat(recomputed.keySet()).isEqualTo(whole.keySet());
                    whole.forEach((name, tensor) -> {
                        assertThat(tensor.defined()).as(name).isTrue();
                        assertThat(recomputed.get(name)).as(precision + " " + name)
                                .isCloseTo(tensor, TOLERANCE.get(precision));
                    });
                }
            });
        }
    }

    /** Without the second computation, gradients end in front of the last layer. */
    @ParameterizedTest
    @ValueSource(strings = {GPT2, BERT, ALBERT, T5, DEBERTA, MIXTRAL, TRANSFO_XL, XLNET})
    void layersDoNotKeepTheirGraph(String config) {
        Scopes.run(() -> {
            try (Model model = model(config);
                    GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                forward(model).loss().backward();
                model.network().parameters().forEach((name, parameter) -> {
                    if (name.contains("blocks.")) {
                        assertThat(parameter.tensor().grad().defined()).as(name).isFalse();
                    }
                });
            }
        });
    }

    @Test
    void leavesNothingBehind() {
        Scopes.run(() -> {
            try (Model model = model(T5)) {
                Handles.assertNoGrowth(() -> step(model, Precision.FLOAT32, true));
                Handles.assertNoGrowth(() -> {
                    try (GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                        forward(model); // and no step back
                    }
                });
                assertThat(GradientCheckpoints.open()).isEmpty();
            }
        });
    }
}
