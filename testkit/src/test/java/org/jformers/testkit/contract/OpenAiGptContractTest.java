package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.jformers.model.ConfigException;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.junit.jupiter.api.Test;

final class OpenAiGptContractTest extends DecoderContract {
    private static final String JSON = """
            {"model_type": "openai-gpt", "architectures": ["OpenAIGPTLMHeadModel"], "vocab_size": 41,
             "n_positions": 13, "n_embd": 21, "n_layer": 2, "n_head": 3, "afn": "gelu", "summary_activation": "tanh",
             "summary_type": "cls_index", "id2label": {"0": "a", "1": "b", "2": "c"}, "pad_token_id": 40}
            """;

    OpenAiGptContractTest() {
        super(JSON, new FamilySizes(41, 21, 2, 3, 13, 3, 40));
    }

    @Override
    protected Segments segments() {
        return Segments.TOKENS;
    }

    @Test
    void refusesToSumUpByAttentionWhichTheReferenceLacks() throws Exception {
        var config = AutoConfig.parse(new ObjectMapper().readTree(JSON.replace("cls_index", "attn")), "test");
        assertThatThrownBy(() -> AutoModel.create(config, Task.DOUBLE_HEADS, 1))
                .isInstanceOf(ConfigException.class).hasMessageContaining("summary_type: got attn, allowed");
    }
}
