package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.jformers.model.ConfigException;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class GptNeoContractTest {
    private static final FamilySizes SIZES = new FamilySizes(41, 21, 3, 3, 13, 3, 40);

    private static String json(String layers) {
        return """
                {"model_type": "gpt_neo", "architectures": ["GPTNeoForCausalLM"], "vocab_size": 41,
                 "max_position_embeddings": 13, "hidden_size": 21, "num_layers": 3, "num_heads": 3,
                 "intermediate_size": 34, "window_size": 5, "resid_dropout": 0.1, %s,
                 "id2label": {"0": "a", "1": "b", "2": "c"}, "pad_token_id": 40}
                """.formatted(layers);
    }

    @Nested
    final class ByTypes extends DecoderContract {
        ByTypes() {
            super(json("\"attention_types\": [[[\"global\", \"local\"], 1], [[\"local\"], 1]]"), SIZES);
        }

        @Override
        protected Segments segments() {
            return Segments.TOKENS;
        }
    }

    @Nested
    final class ByLayers extends DecoderContract {
        ByLayers() {
            super(json("\"attention_layers\": [\"local\", \"global\", \"global\"]"), SIZES);
        }

        @Override
        protected Segments segments() {
            return Segments.TOKENS;
        }
    }

    @Test
    void refusesKindsOfAttentionThatDoNotFit() throws Exception {
        refused("\"attention_types\": [[[\"global\", \"local\"], 1]]", "attention_types for 2 layers");
        refused("\"attention_layers\": [\"global\", \"far\", \"local\"]",
                "got attention type far, allowed global, local");
    }

    private static void refused(String layers, String message) throws Exception {
        var config = AutoConfig.parse(new ObjectMapper().readTree(json(layers)), "test");
        assertThatThrownBy(() -> AutoModel.create(config, Task.CAUSAL_LM, 1))
                .isInstanceOf(ConfigException.class).hasMessageContaining(message);
    }
}
