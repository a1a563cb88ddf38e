package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

final class ModernBertContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 18, 3, 3, FamilySizes.ANY, 4, 0);

    private static String modernBert(String more) {
        return """
                {"model_type": "modernbert", "architectures": ["ModernBertForMaskedLM"], "vocab_size": 43,
                 "hidden_size": 18, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 22,
                 "local_attention": 6, "attention_dropout": 0.2, "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"},
                 "pad_token_id": 0%s}
                """.formatted(more);
    }

    @Nested
    final class AsPublished extends EncoderContract {
        AsPublished() {
            super(modernBert(", \"global_attn_every_n_layers\": 2"), SIZES);
        }
    }

    /** Biases everywhere, means in place of first tokens. */
    @Nested
    final class Biased extends EncoderContract {
        Biased() {
            super(modernBert("""
                    , "layer_types": ["sliding_attention", "full_attention", "full_attention"], "attention_bias": true,
                    "mlp_bias": true, "norm_bias": true, "classifier_bias": true, "classifier_pooling": "mean",
                    "global_rope_theta": 500.0, "local_rope_theta": 20.0, "hidden_activation": "silu"
                    """), SIZES);
        }
    }
}
