package org.jformers.testkit.contract;

import java.util.Optional;
import java.util.Set;

final class VitMaeContractTest extends ImageContract {
    VitMaeContractTest() {
        super("""
                {"model_type": "vit_mae", "architectures": ["ViTMAEForPreTraining"], "hidden_size": 12,
                 "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 22, "image_size": 9,
                 "patch_size": 3, "num_channels": 1, "decoder_hidden_size": 8, "decoder_num_attention_heads": 2,
                 "decoder_num_hidden_layers": 1, "decoder_intermediate_size": 10, "mask_ratio": 0.4,
                 "norm_pix_loss": true, "hidden_dropout_prob": 0.5}
                """, Optional.of(new Images(1, 9, 9, 9)));
    }

    /** The loss of pixels that are brought to one deviation. */
    @Override
    protected Set<String> unknownOnMeta() {
        return Set.of("aten::var");
    }
}
