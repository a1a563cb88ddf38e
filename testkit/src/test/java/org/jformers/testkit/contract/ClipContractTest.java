package org.jformers.testkit.contract;

import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** CLIP, and each of its halves. */
final class ClipContractTest {
    private static final String TEXT = """
            {"model_type": "clip_text_model", "architectures": ["CLIPTextModel"], "vocab_size": 11, "hidden_size": 15,
             "intermediate_size": 22, "projection_dim": 7, "num_hidden_layers": 2, "num_attention_heads": 3,
             "max_position_embeddings": 5, "attention_dropout": 0.5, "eos_token_id": 9}
            """;
    private static final String VISION = """
            {"model_type": "clip_vision_model", "architectures": ["CLIPVisionModel"], "hidden_size": 14,
             "intermediate_size": 9, "projection_dim": 7, "num_hidden_layers": 2, "num_attention_heads": 2,
             "num_channels": 2, "image_size": 8, "patch_size": 4, "hidden_act": "gelu", "attention_dropout": 0.5}
            """;
    private static final ImageContract.Images IMAGES = new ImageContract.Images(2, 8, 8, 4);

    @Nested
    final class Both extends ImageContract {
        Both() {
            super("{\"model_type\": \"clip\", \"architectures\": [\"CLIPModel\"], \"projection_dim\": 6,"
                    + "\"logit_scale_init_value\": 1.5, \"id2label\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"},"
                    + "\"text_config\": " + TEXT + ", \"vision_config\": " + VISION + "}", Optional.of(IMAGES));
        }
    }

    @Nested
    final class Text extends ImageContract {
        Text() {
            super(TEXT, Optional.empty());
        }
    }

    @Nested
    final class Vision extends ImageContract {
        Vision() {
            super(VISION, Optional.of(IMAGES));
        }
    }
}
