package org.jformers.testkit.contract;

final class MistralContractTest extends DecoderContract {
    MistralContractTest() {
        super("""
                {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "vocab_size": 41,
                 "hidden_size": 24, "intermediate_size": 19, "num_hidden_layers": 2, "num_attention_heads": 6,
                 "num_key_value_heads": 2, "sliding_window": 4,
                 "rope_parameters": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 4},
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 24, 2, 6, FamilySizes.ANY, 3, 40));
    }
}
