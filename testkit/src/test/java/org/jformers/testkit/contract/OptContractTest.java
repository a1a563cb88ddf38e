package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

/** Token vectors may be narrower than the layers, so that the scores come from those. */
final class OptContractTest {

    private static String json(String more) {
        return """
                {"model_type": "opt", "architectures": ["OPTForCausalLM"], "vocab_size": 41,
                 "max_position_embeddings": 13, "hidden_size": 21, "ffn_dim": 34, "num_hidden_layers": 2,
                 "num_attention_heads": 3, "id2label": {"0": "a", "1": "b", "2": "c"}, "pad_token_id": 1, %s}
                """.formatted(more);
    }

    @Nested
    final class PreNorm extends DecoderContract {
        PreNorm() {
            super(json("\"do_layer_norm_before\": true"), new FamilySizes(41, 21, 2, 3, 13, 3, 1));
        }
    }

    @Nested
    final class PostNormAndNarrow extends DecoderContract {
        PostNormAndNarrow() {
            super(json("\"do_layer_norm_before\": false, \"word_embed_proj_dim\": 14"),
                    new FamilySizes(41, 14, 2, 3, 13, 3, 1));
        }
    }

    @Nested
    final class Bare extends DecoderContract {
        Bare() {
            super(json("\"enable_bias\": false, \"layer_norm_elementwise_affine\": false,"
                    + " \"_remove_final_layer_norm\": true"), new FamilySizes(41, 21, 2, 3, 13, 3, 1));
        }
    }
}
