package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

final class DistilBertContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 15, 3, 3, 11, 4, 0);

    private static String json(boolean sinusoids) {
        return """
                {"model_type": "distilbert", "architectures": ["DistilBertForMaskedLM"], "vocab_size": 43, "dim": 15,
                 "n_layers": 3, "n_heads": 3, "hidden_dim": 22, "activation": "gelu", "max_position_embeddings": 11,
                 "sinusoidal_pos_embds": %s,
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 0}
                """.formatted(sinusoids);
    }

    @Nested
    final class Learned extends EncoderContract {
        Learned() {
            super(json(false), SIZES);
        }
    }

    @Nested
    final class Sinusoidal extends EncoderContract {
        Sinusoidal() {
            super(json(true), SIZES);
        }
    }
}
