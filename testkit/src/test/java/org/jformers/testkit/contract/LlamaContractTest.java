package org.jformers.testkit.contract;

final class LlamaContractTest extends DecoderContract {
    LlamaContractTest() {
        super("""
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 41,
                 "hidden_size": 21, "intermediate_size": 19, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "num_key_value_heads": 1, "head_dim": 6, "hidden_act": "gelu", "attention_bias": true,
                 "mlp_bias": true, "rope_scaling": {"type": "linear", "factor": 2.0}, "rope_theta": 100.0,
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 21, 2, 3, FamilySizes.ANY, 3, 40));
    }
}
