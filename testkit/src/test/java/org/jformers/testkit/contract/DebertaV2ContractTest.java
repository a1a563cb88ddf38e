package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

final class DebertaV2ContractTest {
    private static FamilySizes sizes(int positions) {
        return new FamilySizes(43, 18, 3, 3, positions, 4, 0);
    }

    private static String debertaV2(String more) {
        return """
                {"model_type": "deberta-v2", "architectures": ["DebertaV2ForMaskedLM"], "vocab_size": 43,
                 "hidden_size": 18, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 22,
                 "max_position_embeddings": 11, "relative_attention": true, "id2label": {"0": "a", "1": "b", "2": "c",
                 "3": "d"}, "pad_token_id": 0, %s}
                """.formatted(more);
    }

    /** Version 3: shared maps, buckets, no positions at the entrance. */
    @Nested
    final class Shared extends EncoderContract {
        Shared() {
            super(debertaV2("""
                    "share_att_key": true, "position_buckets": 4, "norm_rel_ebd": "layer_norm",
                    "pos_att_type": "p2c|c2p", "position_biased_input": false
                    """), sizes(FamilySizes.ANY));
        }
    }

    /** Maps of their own, a convolution, narrow token vectors, positions and segments at the entrance. */
    @Nested
    final class OwnMaps extends EncoderContract {
        OwnMaps() {
            super(debertaV2("""
                    "pos_att_type": ["c2p", "p2c"], "max_relative_positions": 3, "conv_kernel_size": 3,
                    "conv_groups": 2, "embedding_size": 10, "type_vocab_size": 2,
                    "problem_type": "single_label_classification"
                    """), sizes(11));
        }
    }
}
