package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowDefaultsTest {
    private static final Path TOKENIZERS = Path.of("src/test/resources/tokenizers");

    private static ObjectNode json(String text) throws Exception {
        return (ObjectNode) new JsonMapper().readTree(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"model_max_length\": 512} | 512",
        "{\"model_max_length\": 512.0} | 512",
        "{\"max_len\": 77} | 77",
        "{\"model_max_length\": null, \"max_len\": 77} | 77",
        "{\"model_max_length\": 1000000000000000019884624838656} | ",
        "{\"model_max_length\": 1e30} | ",
        "{\"model_max_length\": 0} | ",
        "{} | ",
    })
    void aLargeLengthIsNoLimit(String config, Integer length) throws Exception {
        assertThat(RowDefaults.maxLength(json(config)))
                .isEqualTo(length == null ? OptionalInt.empty() : OptionalInt.of(length));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"tokenizer_class\": \"BertTokenizerFast\"} | true",
        "{\"tokenizer_class\": \"DebertaV2Tokenizer\"} | true",
        "{\"tokenizer_class\": \"DistilBertTokenizer\"} | false",
        "{\"tokenizer_class\": \"AlbertTokenizer\"} | false",
        "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"} | false",
        "{\"tokenizer_class\": \"BertTokenizer\", \"model_input_names\": [\"input_ids\"]} | false",
        "{\"tokenizer_class\": \"XLNetTokenizer\", \"model_input_names\": [\"input_ids\", \"token_type_ids\"]} | true",
    })
    void typesAreGivenWhereTheFolderOrTheClassSaysSo(String config, boolean given) throws Exception {
        assertThat(RowDefaults.givesTypes(json(config))).isEqualTo(given);
    }

    @Test
    void typesAreStillGivenBySavedTokenizersOfAnotherClass(@TempDir Path folder) throws Exception {
        Tokenizer bert = AutoTokenizer.load(TOKENIZERS.resolve("bert-wordpiece-cased"));
        bert.save(folder);
        assertThat(TokenizerFolder.readConfig(folder).has("model_input_names")).isFalse();
        ObjectNode definition = TokenizerJson.definition(bert);
        ((ObjectNode) definition.get("normalizer")).put("lowercase", true).put("strip_accents", false);
        TokenizerJson.of(definition, TokenizerJson.config(bert)).save(folder);
        assertThat(TokenizerFolder.readConfig(folder).get("tokenizer_class").asText())
                .isEqualTo("PreTrainedTokenizerFast");
        assertThat(AutoTokenizer.load(folder).givesTypes()).isTrue();
    }

    @Test
    void classesInPlainPythonTellNoPlaces() {
        assertThat(AutoTokenizer.load(TOKENIZERS.resolve("ctrl-bpe")).tellsPlaces()).isFalse();
        assertThat(AutoTokenizer.load(TOKENIZERS.resolve("gpt2-byte-level-bpe")).tellsPlaces()).isTrue();
    }

    @Test
    void tokensAreJoinedAsTheyAre() {
        Tokenizer bert = AutoTokenizer.load(TOKENIZERS.resolve("bert-wordpiece-cased"));
        assertThat(bert.join(List.of("[CLS]", "a", "##b", "c"))).isEqualTo("[CLS] ab c");
        assertThat(bert.marksContinuations()).isTrue();
        Tokenizer gpt2 = AutoTokenizer.load(TOKENIZERS.resolve("gpt2-byte-level-bpe"));
        assertThat(gpt2.join(List.of("\u0120a", "b"))).isEqualTo(" ab");
        assertThat(gpt2.marksContinuations()).isFalse();
        Tokenizer ctrl = AutoTokenizer.load(TOKENIZERS.resolve("ctrl-bpe"));
        assertThat(ctrl.join(List.of("a@@", "b", "c"))).isEqualTo("ab c");
    }
}
