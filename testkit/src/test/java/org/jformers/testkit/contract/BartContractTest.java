package org.jformers.testkit.contract;

import org.junit.jupiter.api.Nested;

/** BART and the families after it. */
final class BartContractTest {
    private static final FamilySizes SIZES = new FamilySizes(41, 18, 2, 3, 12, 3, 1);

    private static String bart(String type, String architecture, String more) {
        return """
                {"model_type": "%s", "architectures": ["%s"], "vocab_size": 41, "d_model": 18, "encoder_layers": 2,
                 "decoder_layers": 2, "encoder_attention_heads": 3, "decoder_attention_heads": 3, "encoder_ffn_dim": 25,
                 "decoder_ffn_dim": 23, "max_position_embeddings": 12, "activation_function": "gelu", "dropout": 0.2,
                 "decoder_start_token_id": 2, "pad_token_id": 1, "eos_token_id": 2, "num_labels": 3%s}
                """.formatted(type, architecture, more);
    }

    @Nested
    final class Bart extends EncoderDecoderContract {
        Bart() {
            super(bart("bart", "BartForConditionalGeneration", ", \"activation_dropout\": 0.1"), SIZES);
        }
    }

    @Nested
    final class MBart extends EncoderDecoderContract {
        MBart() {
            super(bart("mbart", "MBartForConditionalGeneration", ", \"scale_embedding\": true"), SIZES);
        }
    }

    @Nested
    final class Marian extends EncoderDecoderContract {
        Marian() {
            super(bart("marian", "MarianMTModel", ", \"scale_embedding\": true"), SIZES);
        }
    }

    @Nested
    final class MarianOfTwoVocabularies extends EncoderDecoderContract {
        MarianOfTwoVocabularies() {
            super(bart("marian", "MarianMTModel",
                    ", \"decoder_vocab_size\": 41, \"share_encoder_decoder_embeddings\": false"), SIZES);
        }
    }

    @Nested
    final class Pegasus extends EncoderDecoderContract {
        Pegasus() {
            super(bart("pegasus", "PegasusForConditionalGeneration", ", \"encoder_layerdrop\": 0.3"), SIZES);
        }
    }
}
