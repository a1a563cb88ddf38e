package org.jformers.testkit.contract;

final class Gpt2ContractTest extends DecoderContract {
    Gpt2ContractTest() {
        super("""
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 41, "n_positions": 13,
                 "n_embd": 21, "n_layer": 2, "n_head": 3, "n_inner": 35, "activation_function": "gelu_new",
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "pad_token_id": 40, "torch_dtype": "float32"}
                """, new FamilySizes(41, 21, 2, 3, 13, 3, 40));
    }

    @Override
    protected Segments segments() {
        return Segments.TOKENS;
    }
}
