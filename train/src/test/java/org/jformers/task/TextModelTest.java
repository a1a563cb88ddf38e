package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerJson;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TextModelTest {
    private static final String GPT2 = """
            {"model_type": "gpt2", "vocab_size": 25, "n_embd": 4, "n_layer": 1, "n_head": 2, "n_positions": 8}""";
    private static final String BERT = """
            {"model_type": "bert", "vocab_size": 25, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 4, "max_position_embeddings": 8, "pad_token_id": 0}""";

    /** GPT-2 would add the vector of token 0 to every token for types that its tokenizer does not give. */
    @ParameterizedTest
    @CsvSource({"BertTokenizer, true", "TokenizersBackend, false"})
    void aModelGetsTypesFromTokenizersThatGiveThem(String tokenizerClass, boolean given) throws Exception {
        Tokenizer plain = AutoTokenizer.load(Path.of(TextModelTest.class.getResource("/rows/right").toURI()));
        ObjectNode settings = TokenizerJson.config(plain).put("tokenizer_class", tokenizerClass);
        Tokenizer tokenizer = TokenizerJson.of(TokenizerJson.definition(plain), settings);
        for (String config : new String[] {GPT2, BERT}) {
            TextModel model = new TextModel(null, Task.SEQUENCE_CLASSIFICATION,
                    AutoConfig.parse(new JsonMapper().readTree(config), "test"), tokenizer);
            assertThat(model.encoding(0).tokenTypes()).isEqualTo(given);
        }
    }
}
