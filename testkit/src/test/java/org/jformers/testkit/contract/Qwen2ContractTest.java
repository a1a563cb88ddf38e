package org.jformers.testkit.contract;

final class Qwen2ContractTest extends DecoderContract {
    Qwen2ContractTest() {
        super("""
                {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "vocab_size": 41,
                 "hidden_size": 20, "intermediate_size": 19, "num_hidden_layers": 2, "num_attention_heads": 2,
                 "num_key_value_heads": 1, "use_sliding_window": true, "sliding_window": 5, "max_window_layers": 1,
                 "rope_scaling": {"rope_type": "llama3", "factor": 2.0, "low_freq_factor": 1.0,
                 "high_freq_factor": 4.0, "original_max_position_embeddings": 8},
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 20, 2, 2, FamilySizes.ANY, 3, 40));
    }
}
