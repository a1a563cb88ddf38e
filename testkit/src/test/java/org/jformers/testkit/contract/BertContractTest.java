package org.jformers.testkit.contract;

final class BertContractTest extends EncoderContract {
    BertContractTest() {
        super("""
                {"model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": 43, "hidden_size": 15,
                 "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 22, "hidden_act": "gelu",
                 "max_position_embeddings": 11, "type_vocab_size": 3, "layer_norm_eps": 1e-12,
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 0}
                """, new FamilySizes(43, 15, 3, 3, 11, 4, 0));
    }
}
