package org.jformers.testkit.contract;

final class CtrlContractTest extends DecoderContract {
    CtrlContractTest() {
        super("""
                {"model_type": "ctrl", "architectures": ["CTRLLMHeadModel"], "vocab_size": 41, "n_positions": 13,
                 "n_embd": 21, "dff": 34, "n_layer": 2, "n_head": 3,
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "pad_token_id": 40}
                """, new FamilySizes(41, 21, 2, 3, 13, 3, 40));
    }

    @Override
    protected Segments segments() {
        return Segments.TOKENS;
    }
}
