package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

final class VaswaniContractTest {
    private static final FamilySizes SIZES = new FamilySizes(37, 18, 2, 3, 12, 2, 0);

    private static String vaswani(boolean preNorm) {
        return """
                {"model_type": "vaswani", "vocab_size": 37, "d_model": 18, "nhead": 3, "num_encoder_layers": 2,
                 "num_decoder_layers": 2, "dim_feedforward": 25, "activation": "relu", "norm_first": %1$s,
                 "final_norm": %1$s, "label_smoothing": 0.1, "dropout": 0.2, "pad_id": 0, "bos_id": 1, "eos_id": 2,
                 "max_positions": 12, "layer_norm_eps": 1e-5}
                """.formatted(preNorm);
    }

    @Nested
    final class PostNorm extends EncoderDecoderContract {
        PostNorm() {
            super(vaswani(false), SIZES);
        }
    }

    @Nested
    final class PreNorm extends EncoderDecoderContract {
        PreNorm() {
            super(vaswani(true), SIZES);
        }
    }
}
