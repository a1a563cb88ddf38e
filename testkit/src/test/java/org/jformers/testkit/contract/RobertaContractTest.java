package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

/** The position table has two rows before that of the first token. */
final class RobertaContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 15, 3, 3, 11, 4, 1);

    private static String json(String modelType, String architecture, String more) {
        return """
                {"model_type": "%s", "architectures": ["%s"], "vocab_size": 43, "hidden_size": 15,
                 "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 22, "hidden_act": "gelu",
                 "max_position_embeddings": 13, "type_vocab_size": 2, "layer_norm_eps": 1e-5,
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 1 %s}
                """.formatted(modelType, architecture, more);
    }

    @Nested
    final class Encoder extends EncoderContract {
        Encoder() {
            super(json("roberta", "RobertaForMaskedLM", ""), SIZES);
        }
    }

    @Nested
    final class Decoder extends DecoderContract {
        Decoder() {
            super(json("roberta", "RobertaForCausalLM", ", \"is_decoder\": true"), SIZES);
        }

        @Override
        protected Segments segments() {
            return Segments.TABLE;
        }
    }

    @Nested
    final class Xlm extends EncoderContract {
        Xlm() {
            super(json("xlm-roberta", "XLMRobertaForMaskedLM", ""), SIZES);
        }
    }

    @Nested
    final class Camembert extends EncoderContract {
        Camembert() {
            super(json("camembert", "CamembertForMaskedLM", ""), SIZES);
        }
    }
}
