package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

final class ElectraContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 15, 3, 3, 11, 4, 0);

    private static String json(String architecture, int embeddingSize, boolean decoder) {
        return """
                {"model_type": "electra", "architectures": ["%s"], "vocab_size": 43, "embedding_size": %d,
                 "hidden_size": 15, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 22,
                 "hidden_act": "gelu", "max_position_embeddings": 11, "type_vocab_size": 3, "is_decoder": %s,
                 "summary_type": "mean", "summary_activation": "tanh",
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 0}
                """.formatted(architecture, embeddingSize, decoder);
    }

    @Nested
    final class Generator extends EncoderContract {
        Generator() {
            super(json("ElectraForMaskedLM", 7, false), SIZES);
        }
    }

    @Nested
    final class AsWide extends EncoderContract {
        AsWide() {
            super(json("ElectraForMaskedLM", 15, false), SIZES);
        }
    }

    @Nested
    final class Decoder extends DecoderContract {
        Decoder() {
            super(json("ElectraForCausalLM", 7, true), SIZES);
        }

        @Override
        protected Segments segments() {
            return Segments.TABLE;
        }
    }
}
