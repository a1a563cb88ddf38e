package org.jformers.testkit.contract;

import java.util.Optional;
import java.util.Set;

final class SwinContractTest extends ImageContract {
    SwinContractTest() {
        super("""
                {"model_type": "swin", "architectures": ["SwinModel"], "image_size": 20, "patch_size": 2,
                 "num_channels": 3, "embed_dim": 6, "depths": [2, 1], "num_heads": [3, 2], "window_size": 3,
                 "mlp_ratio": 1.5, "drop_path_rate": 0.5, "use_absolute_embeddings": true, "encoder_stride": 4,
                 "hidden_dropout_prob": 0.25, "id2label": {"0": "a", "1": "b", "2": "c"}}
                """, Optional.of(new Images(3, 20, 20, 100)));
    }

    /** The loss of hidden patches. */
    @Override
    protected Set<String> unknownOnMeta() {
        return Set.of("aten::abs");
    }
}
