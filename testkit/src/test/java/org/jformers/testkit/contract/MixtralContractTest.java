package org.jformers.testkit.contract;

import java.util.Set;

final class MixtralContractTest extends DecoderContract {
    MixtralContractTest() {
        super("""
                {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "vocab_size": 41,
                 "hidden_size": 20, "intermediate_size": 19, "num_hidden_layers": 2, "num_attention_heads": 2,
                 "num_key_value_heads": null, "sliding_window": null, "num_local_experts": 2, "num_experts_per_tok": 2,
                 "output_router_logits": true, "router_aux_loss_coef": 0.5,
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 20, 2, 2, FamilySizes.ANY, 3, 40));
    }

    /** Which expert reads a token is read back. */
    @Override
    protected Set<String> unknownOnMeta() {
        return Set.of("values");
    }
}
