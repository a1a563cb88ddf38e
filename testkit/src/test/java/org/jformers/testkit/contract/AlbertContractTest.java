package org.jformers.testkit.contract;

/** Five layers in three groups of two blocks: blocks 0 1 0 1, 2 3 2 3, 4 5. */
final class AlbertContractTest extends EncoderContract {
    AlbertContractTest() {
        super("""
                {"model_type": "albert", "architectures": ["AlbertForMaskedLM"], "vocab_size": 43, "embedding_size": 7,
                 "hidden_size": 15, "num_hidden_layers": 5, "num_hidden_groups": 3, "inner_group_num": 2,
                 "num_attention_heads": 3, "intermediate_size": 22, "hidden_act": "gelu_new",
                 "hidden_dropout_prob": 0.1, "max_position_embeddings": 11, "type_vocab_size": 3,
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 0}
                """, new FamilySizes(43, 15, 10, 3, 11, 4, 0));
    }

    @Override
    protected String sentenceLabel() {
        return "sentence_order_label";
    }
}
