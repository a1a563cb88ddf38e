package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

final class T5ContractTest {
    private static final FamilySizes SIZES = new FamilySizes(37, 14, 2, 3, FamilySizes.ANY, 2, 0);

    private static String t5(String type, String architecture, String feedForward) {
        return """
                {"model_type": "%s", "architectures": ["%s"], "vocab_size": 37, "d_model": 14, "d_kv": 5, "d_ff": 19,
                 "num_layers": 2, "num_heads": 3, "relative_attention_num_buckets": 6,
                 "relative_attention_max_distance": 9, "dropout_rate": 0.2, "feed_forward_proj": "%s",
                 "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}
                """.formatted(type, architecture, feedForward);
    }

    @Nested
    final class Relu extends EncoderDecoderContract {
        Relu() {
            super(t5("t5", "T5ForConditionalGeneration", "relu"), SIZES);
        }
    }

    @Nested
    final class Gated extends EncoderDecoderContract {
        Gated() {
            super(t5("mt5", "MT5ForConditionalGeneration", "gated-gelu"), SIZES);
        }
    }
}
