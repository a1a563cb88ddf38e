package org.jformers.testkit.contract;

final class Gemma2ContractTest extends DecoderContract {
    Gemma2ContractTest() {
        super("""
                {"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"], "vocab_size": 41,
                 "hidden_size": 21, "intermediate_size": 19, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "num_key_value_heads": 1, "head_dim": 8, "sliding_window": 4, "query_pre_attn_scalar": 5,
                 "attn_logit_softcapping": 3.5, "final_logit_softcapping": null,
                 "hidden_activation": "gelu_pytorch_tanh",
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "attention_dropout": 0.2, "tie_word_embeddings": true,
                 "pad_token_id": 40}
                """, new FamilySizes(41, 21, 2, 3, FamilySizes.ANY, 3, 40));
    }
}
