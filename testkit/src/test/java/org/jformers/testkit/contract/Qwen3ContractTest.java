package org.jformers.testkit.contract;

final class Qwen3ContractTest extends DecoderContract {
    Qwen3ContractTest() {
        super("""
                {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "vocab_size": 41,
                 "hidden_size": 21, "intermediate_size": 19, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "num_key_value_heads": 1, "head_dim": 10, "use_sliding_window": true, "sliding_window": 4,
                 "layer_types": ["full_attention", "sliding_attention"],
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 21, 2, 3, FamilySizes.ANY, 3, 40));
    }
}
