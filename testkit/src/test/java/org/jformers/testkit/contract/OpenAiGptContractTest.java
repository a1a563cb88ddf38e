package org.jformers.testkit.contract;

final class OpenAiGptContractTest extends DecoderContract {
    OpenAiGptContractTest() {
        super("""
                {"model_type": "openai-gpt", "architectures": ["OpenAIGPTLMHeadModel"], "vocab_size": 41,
                 "n_positions": 13, "n_embd": 21, "n_layer": 2, "n_head": 3, "afn": "gelu", "summary_activation": "tanh",
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "pad_token_id": 40}
                """, new FamilySizes(41, 21, 2, 3, 13, 3, 40));
    }
}
