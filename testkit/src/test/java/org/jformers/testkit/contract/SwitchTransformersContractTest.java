package org.jformers.testkit.contract;

import java.util.Set;
import org.jformers.testkit.Tolerance;

final class SwitchTransformersContractTest extends EncoderDecoderContract {
    SwitchTransformersContractTest() {
        super("""
                {"model_type": "switch_transformers", "architectures": ["SwitchTransformersForConditionalGeneration"],
                 "vocab_size": 37, "d_model": 14, "d_kv": 5, "d_ff": 19, "num_layers": 2, "num_heads": 3,
                 "num_experts": 2, "expert_capacity": 20, "encoder_sparse_step": 2, "decoder_sparse_step": 1,
                 "router_bias": true, "relative_attention_num_buckets": 6, "relative_attention_max_distance": 9,
                 "dropout_rate": 0.2, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}
                """, new FamilySizes(37, 14, 2, 3, FamilySizes.ANY, 2, 0));
    }

    /** An expert's matrix products grow with the tokens that choose it. */
    @Override
    Tolerance untouched() {
        return ROUNDING;
    }

    /** Which expert reads a token is read back. */
    @Override
    protected Set<String> unknownOnMeta() {
        return Set.of("values");
    }
}
