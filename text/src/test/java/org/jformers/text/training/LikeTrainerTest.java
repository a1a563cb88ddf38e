package org.jformers.text.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.TokenizerJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The golden values are of {@code train_new_from_iterator} of transformers 5.18.0, on the texts of the GPT-2 fixture.
 */
final class LikeTrainerTest {
    private static final List<String> TEXTS = TrainersTest.TEXTS;

    @Test
    void learnsByteLevelBpe() throws IOException {
        assertLearns("like-gpt2", like("gpt2-byte-level-bpe")
                .vocabSize(400)
                .specialTokens("<new>")
                .rename("<|endoftext|>", "<end>"));
        assertLearns("like-roberta", like("roberta-byte-level-bpe")
                .vocabSize(300)
                .rename("<s>", "<start>")
                .rename("<unk>", "<u>"));
        assertLearns("like-clip", like("clip-bpe").vocabSize(700));
    }

    @Test
    void learnsBpeOfSentencePiece() throws IOException {
        assertLearns("like-llama", like("llama-bpe-byte-fallback").vocabSize(400));
    }

    @Test
    void learnsWordPieces() throws IOException {
        assertLearns("like-bert", like("bert-wordpiece-cased")
                .vocabSize(600)
                .specialTokens("<new>")
                .rename("[CLS]", "<start>")
                .rename("[UNK]", "<u>"));
    }

    @Test
    void learnsUnigramModels(@TempDir Path folder) throws IOException {
        Tokenizer tokenizer = like("t5-unigram")
                .vocabSize(1000)
                .specialTokens("<new>")
                .rename("<unk>", "<u>")
                .build()
                .train(TEXTS);
        JsonNode expected = TrainersTest.golden("like-t5");

        TrainersTest.assertLearnsScores("like-t5", tokenizer, folder);
        JsonNode definition = TokenizerJson.definition(tokenizer);
        assertThat(definition.get("post_processor")).isEqualTo(expected.get("post_processor"));
        assertThat(definition.get("added_tokens")).isEqualTo(expected.get("added_tokens"));
    }

    @Test
    void learnsWords() {
        Tokenizer symbols = WordLevelTrainer.symbols().build().train(List.of("other words"));

        Tokenizer tokenizer = LikeTrainer.builder(symbols).vocabSize(20).build().train(TEXTS);

        assertThat(TrainersTest.tokens(tokenizer))
                .isEqualTo(TrainersTest.strings(TrainersTest.golden("symbols").get("tokens")).subList(0, 20));
    }

    @Test
    void rolesFollowTheNames(@TempDir Path folder) {
        LikeTrainer trainer = like("roberta-byte-level-bpe")
                .vocabSize(300)
                .specialTokens("<new>")
                .rename("<mask>", "<hole>")
                .build();
        trainer.train(TEXTS).save(folder);
        Tokenizer tokenizer = AutoTokenizer.load(folder);

        assertThat(tokenizer.specialTokens().mask()).isEqualTo(tokenizer.id("<hole>")).hasValue(4);
        assertThat(tokenizer.encode("a<new>").ids()).startsWith(0).endsWith(5, 2);
        assertThat(tokenizer.id("<mask>")).isEmpty();
        assertThat(TrainersTest.tokens(trainer.train(TEXTS))).isEqualTo(TrainersTest.tokens(tokenizer));
    }

    @Test
    void renumbersTemplatesWithinASequence() {
        Tokenizer bert = AutoTokenizer.load(TrainersTest.fixture("bert-wordpiece-cased"));
        ObjectNode definition = TokenizerJson.definition(bert);
        JsonNode template = definition.get("post_processor");
        definition.putObject("post_processor").put("type", "Sequence").putArray("processors").add(template);
        Tokenizer tokenizer = TokenizerJson.of(definition, TokenizerJson.config(bert));

        Tokenizer trained = LikeTrainer.builder(tokenizer).vocabSize(600).build().train(TEXTS);

        assertThat(trained.encode("").ids())
                .containsExactly(trained.id("[CLS]").orElseThrow(), trained.id("[SEP]").orElseThrow());
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> like("sentencepiece-unigram").build())
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("expected a tokenizer of a tokenizer.json");
        assertThatThrownBy(() -> like("bert-wordpiece-cased").vocabSize(4).build())
                .hasMessageContaining("must be >= 5");
        assertThatThrownBy(() -> like("bert-wordpiece-cased").rename("[CLS]", "[SEP]").build())
                .hasMessageContaining("must differ");
    }

    private static LikeTrainer.Builder like(String fixture) {
        return LikeTrainer.builder(AutoTokenizer.load(TrainersTest.fixture(fixture)));
    }

    private static void assertLearns(String name, LikeTrainer.Builder settings) throws IOException {
        Tokenizer tokenizer = settings.build().train(TEXTS);
        JsonNode expected = TrainersTest.golden(name);
        JsonNode definition = TokenizerJson.definition(tokenizer);
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : definition.get("model").path("merges")) {
            merges.add(merge.get(0).asText() + " " + merge.get(1).asText());
        }

        assertThat(TrainersTest.tokens(tokenizer)).isEqualTo(TrainersTest.strings(expected.get("tokens")));
        assertThat(merges).isEqualTo(TrainersTest.strings(expected.path("merges")));
        assertThat(definition.get("post_processor")).isEqualTo(expected.get("post_processor"));
        assertThat(definition.get("added_tokens")).isEqualTo(expected.get("added_tokens"));
    }
}
