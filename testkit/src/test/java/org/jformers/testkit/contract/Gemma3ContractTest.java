package org.jformers.testkit.contract;

final class Gemma3ContractTest extends DecoderContract {
    Gemma3ContractTest() {
        super("""
                {"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"], "vocab_size": 41,
                 "hidden_size": 21, "intermediate_size": 19, "num_hidden_layers": 3, "num_attention_heads": 3,
                 "num_key_value_heads": 3, "head_dim": 8, "sliding_window": 4, "query_pre_attn_scalar": 5,
                 "final_logit_softcapping": 7.5, "sliding_window_pattern": 2, "rope_local_base_freq": 50.0,
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 21, 3, 3, FamilySizes.ANY, 3, 40));
    }
}
