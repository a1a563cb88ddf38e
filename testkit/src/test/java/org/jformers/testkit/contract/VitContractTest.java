package org.jformers.testkit.contract;

import java.util.Optional;
import java.util.Set;

final class VitContractTest extends ImageContract {
    VitContractTest() {
        super("""
                {"model_type": "vit", "architectures": ["ViTModel"], "hidden_size": 15, "num_hidden_layers": 2,
                 "num_attention_heads": 3, "intermediate_size": 22, "hidden_act": "gelu", "image_size": 8,
                 "patch_size": 4, "num_channels": 2, "qkv_bias": false, "encoder_stride": 4, "pooler_output_size": 7,
                 "hidden_dropout_prob": 0.5, "id2label": {"0": "a", "1": "b", "2": "c"}}
                """, Optional.of(new Images(2, 8, 8, 4)));
    }

    /** The loss of hidden patches. */
    @Override
    protected Set<String> unknownOnMeta() {
        return Set.of("aten::abs");
    }
}
