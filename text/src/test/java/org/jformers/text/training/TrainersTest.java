package org.jformers.text.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden vocabularies were trained by the tokenizers library 0.23.2 on the texts of the GPT-2 fixture. */
final class TrainersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final List<String> TEXTS = texts();

    @ParameterizedTest
    @ValueSource(strings = {"bpe-600", "bpe-700"})
    void learnsTheReferencesByteLevelBpe(String name, @TempDir Path folder) throws IOException {
        JsonNode golden = golden(name);
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(golden.get("vocab_size").asInt())
                .minFrequency(golden.get("min_frequency").asInt())
                .specialTokens(strings(golden.get("special_tokens")).toArray(String[]::new))
                .build()
                .train(TEXTS);

        tokenizer.save(folder);
        JsonNode model = JSON.readTree(folder.resolve("tokenizer.json").toFile()).get("model");
        List<String> merges = new ArrayList<>();
        model.get("merges").forEach(merge -> merges.add(merge.get(0).asText() + " " + merge.get(1).asText()));

        assertThat(tokens(tokenizer)).isEqualTo(strings(golden.get("tokens")));
        assertThat(merges).isEqualTo(strings(golden.get("merges")));
        assertThat(tokens(AutoTokenizer.load(folder))).isEqualTo(tokens(tokenizer));
    }

    @Test
    void learnsTheReferencesBpeOfShortTokens(@TempDir Path folder) throws IOException {
        assertLearnsMerges(
                "bpe-maximum-length",
                ByteLevelBpeTrainer.builder().vocabSize(600).maxTokenLength(5).build().train(TEXTS),
                folder);
    }

    @Test
    void learnsTheReferencesBpeOfCharacters(@TempDir Path folder) throws IOException {
        assertLearnsMerges(
                "bpe-characters",
                CharBpeTrainer.builder()
                        .vocabSize(500)
                        .endOfWordSuffix("")
                        .cased()
                        .initialAlphabet("é")
                        .build()
                        .train(TEXTS),
                folder);
    }

    /** The reference was given the order of the first tokens, which else changes from run to run there. */
    @Test
    void learnsTheReferencesBpeOfMarkedCharacters(@TempDir Path folder) throws IOException {
        assertLearnsMerges(
                "bpe-end-of-word", CharBpeTrainer.builder().vocabSize(700).build().train(TEXTS), folder);
        assertLearnsMerges(
                "bpe-both-marks",
                CharBpeTrainer.builder()
                        .vocabSize(800)
                        .continuingSubwordPrefix("##")
                        .maxTokenLength(6)
                        .build()
                        .train(TEXTS),
                folder);
    }

    @Test
    void learnsTheReferencesWordPieces() {
        assertThat(tokens(WordPieceTrainer.builder().vocabSize(700).build().train(TEXTS)))
                .isEqualTo(strings(golden("wordpiece").get("tokens")));
        assertThat(tokens(WordPieceTrainer.builder().vocabSize(900).minFrequency(1).build().train(TEXTS)))
                .isEqualTo(strings(golden("wordpiece-rare").get("tokens")));
        Tokenizer fewCharacters = WordPieceTrainer.builder()
                .vocabSize(400)
                .limitAlphabet(30)
                .initialAlphabet("éß")
                .build()
                .train(TEXTS);
        assertThat(tokens(fewCharacters)).isEqualTo(strings(golden("wordpiece-alphabet").get("tokens")));
        Tokenizer otherMark = WordPieceTrainer.builder()
                .vocabSize(700)
                .minFrequency(3)
                .specialTokens("<a>", "[UNK]", "[CLS]", "[SEP]")
                .continuingSubwordPrefix("@@")
                .build()
                .train(TEXTS);
        assertThat(tokens(otherMark)).isEqualTo(strings(golden("wordpiece-marks").get("tokens")));
        assertThat(otherMark.decode(otherMark.encode("The quick fox").ids())).isEqualTo("the quick fox");
    }

    private static void assertLearnsMerges(String name, Tokenizer tokenizer, Path folder) throws IOException {
        tokenizer.save(folder);
        JsonNode model = JSON.readTree(folder.resolve("tokenizer.json").toFile()).get("model");
        List<String> merges = new ArrayList<>();
        model.get("merges").forEach(merge -> merges.add(merge.get(0).asText() + " " + merge.get(1).asText()));

        assertThat(tokens(tokenizer)).isEqualTo(strings(golden(name).get("tokens")));
        assertThat(merges).isEqualTo(strings(golden(name).get("merges")));
    }

    @Test
    void marksTheEndOfWords() {
        CharBpeTrainer trainer = CharBpeTrainer.builder().vocabSize(60).specialTokens("<pad>", "<unk>").build();
        Tokenizer tokenizer = trainer.train(TEXTS);

        assertThat(tokenizer.encode("the QUICK").tokens()).contains("k</w>").doesNotContain("k");
        assertThat(tokenizer.decode(tokenizer.encode("The quick fox").ids())).isEqualTo("the quick fox");
        assertThat(tokens(trainer.train(TEXTS))).isEqualTo(tokens(tokenizer));
    }

    @Test
    void learnsTheReferencesUnigramModel(@TempDir Path folder) throws IOException {
        assertLearnsScores("unigram", UnigramTrainer.builder().vocabSize(700).build().train(TEXTS), folder);
        assertLearnsScores(
                "unigram-options",
                UnigramTrainer.builder()
                        .vocabSize(650)
                        .specialTokens("<s>")
                        .unknown("<u>")
                        .shrinkingFactor(0.5)
                        .subIterations(3)
                        .maxPieceLength(6)
                        .initialAlphabet("ßЖ")
                        .build()
                        .train(TEXTS),
                folder);
    }

    /** Characters that were dropped on the way come back in an order that changes in the reference, 0.0001 apart. */
    static void assertLearnsScores(String name, Tokenizer tokenizer, Path folder) throws IOException {
        tokenizer.save(folder);
        JsonNode model = JSON.readTree(folder.resolve("tokenizer.json").toFile()).get("model");
        JsonNode expected = golden(name).get("scores");
        double least = 0;
        for (JsonNode score : expected) {
            least = Math.min(least, score.asDouble());
        }

        assertThat(model.get("unk_id")).isEqualTo(golden(name).get("unk_id"));
        assertThat(model.get("vocab")).hasSize(expected.size());
        for (JsonNode entry : model.get("vocab")) {
            double score = expected.path(entry.get(0).asText()).asDouble(Double.NaN);
            boolean restored = score < least + 0.05;
            assertThat(entry.get(1).asDouble()).as(entry.get(0).asText())
                    .isCloseTo(score, within(restored ? 0.05 : 1e-9));
        }
    }

    @Test
    void unigramLearnsAlikeEveryTime() {
        UnigramTrainer trainer = UnigramTrainer.builder().vocabSize(650).build();

        assertThat(tokens(trainer.train(TEXTS))).isEqualTo(tokens(trainer.train(TEXTS)));
    }

    @Test
    void refusesUnigramSettingsThatCannotBeMet() {
        assertThatThrownBy(() -> UnigramTrainer.builder().vocabSize(10).build().train(TEXTS))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("for the characters of the texts");
        assertThatThrownBy(() -> UnigramTrainer.builder().shrinkingFactor(1).build())
                .hasMessageContaining("between 0 and 1, got 1.0");
        assertThatThrownBy(() -> CharBpeTrainer.builder().unknown("[UNK]").build())
                .hasMessageContaining("must be a special token");
    }

    @Test
    void learnsTheReferencesCharacters() {
        Tokenizer tokenizer =
                WordLevelTrainer.characters().vocabSize(300).minFrequency(2).build().train(TEXTS);

        assertThat(tokens(tokenizer)).isEqualTo(strings(golden("characters").get("tokens")));
    }

    @Test
    void learnsTheReferencesSymbols() {
        Tokenizer tokenizer =
                WordLevelTrainer.symbols().vocabSize(300).minFrequency(2).build().train(TEXTS);

        assertThat(tokens(tokenizer)).isEqualTo(strings(golden("symbols").get("tokens")));
    }

    @Test
    void charactersComeBackJoinedAndSymbolsWithOneSpace() {
        Tokenizer letters = WordLevelTrainer.characters().build().train(List.of("ab c\r\n😀"));
        Tokenizer phonemes = WordLevelTrainer.symbols().build().train(List.of("HH AH0  L OW1"));

        assertThat(letters.encode("c 😀\r\nb").tokens())
                .containsExactly("<s>", "c", " ", "😀", "\r", "\n", "b", "</s>");
        assertThat(letters.decode(letters.encode("c 😀\r\nb").ids())).isEqualTo("c 😀\r\nb");
        assertThat(phonemes.encode("L  AH0 HH").tokens()).containsExactly("<s>", "L", "AH0", "HH", "</s>");
        assertThat(phonemes.decode(phonemes.encode("L  AH0 HH").ids())).isEqualTo("L AH0 HH");
        assertThat(phonemes.encode("ZZ L").ids()).containsExactly(1, 3, phonemes.id("L").orElseThrow(), 2);
    }

    @Test
    void wordPieceLearnsAlikeEveryTime() {
        WordPieceTrainer trainer = WordPieceTrainer.builder().vocabSize(900).build();
        Tokenizer tokenizer = trainer.train(TEXTS);

        assertThat(tokens(trainer.train(TEXTS))).isEqualTo(tokens(tokenizer));
        assertThat(tokenizer.specialTokens().cls()).hasValue(2);
        assertThat(tokenizer.decode(tokenizer.encode("The quick fox").ids())).isEqualTo("the quick fox");
    }

    @Test
    void wordPieceKeepsOnlyTheMostFrequentCharacters() {
        Tokenizer tokenizer = WordPieceTrainer.builder().limitAlphabet(2).cased().build().train(List.of("aab aab Xb"));

        assertThat(tokens(tokenizer)).startsWith("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b");
        assertThat(tokenizer.id("X")).isEmpty();
        assertThat(tokenizer.encodePlain("aab X").tokens()).containsExactly("aab", "[UNK]");
    }

    @Test
    void specialTokensHaveTheirRolesAlsoAfterLoading(@TempDir Path folder) {
        Tokenizer trained = WordLevelTrainer.characters().build().train(List.of("abc"));
        trained.save(folder);

        for (Tokenizer tokenizer : List.of(trained, AutoTokenizer.load(folder))) {
            assertThat(tokenizer.specialTokens().pad()).hasValue(0);
            assertThat(tokenizer.specialTokens().bos()).hasValue(1);
            assertThat(tokenizer.specialTokens().eos()).hasValue(2);
            assertThat(tokenizer.specialTokens().unk()).hasValue(3);
            assertThat(tokenizer.specialTokens().mask()).isEmpty();
        }
    }

    @Test
    void surroundsTextsWithTheChosenTokens() {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(300)
                .specialTokens("<pad>", "<s>", "</s>")
                .surroundWith("<s>", "</s>")
                .build()
                .train(TEXTS);

        int[] ids = tokenizer.encode("fox").ids();

        assertThat(ids).startsWith(1).endsWith(2);
        assertThat(tokenizer.encodePlain("fox").ids()).doesNotContain(1, 2);
        assertThat(tokenizer.decode(ids)).isEqualTo("fox");
    }

    @Test
    void savesTheFilesOfTheClassThatPythonKnows(@TempDir Path folder) throws IOException {
        ByteLevelBpeTrainer.builder().vocabSize(300).build().train(TEXTS).save(folder.resolve("bpe"));
        WordLevelTrainer.symbols().build().train(TEXTS).save(folder.resolve("symbols"));

        assertThat(tokenizerClass(folder.resolve("bpe"))).isEqualTo("GPT2Tokenizer");
        assertThat(tokenizerClass(folder.resolve("symbols"))).isEqualTo("PreTrainedTokenizerFast");
        assertThat(folder.resolve("bpe")).isDirectoryContaining("glob:**/merges.txt");
        assertThat(folder.resolve("bpe")).isDirectoryNotContaining("glob:**.tmp");
        assertThat(folder.resolve("symbols")).isDirectoryNotContaining("glob:**/merges.txt");
    }

    @Test
    void reportsProgressUpToTheVocabularySize() {
        List<Long> learned = new ArrayList<>();
        ByteLevelBpeTrainer.builder()
                .vocabSize(280)
                .progress((stage, done, total) -> {
                    if (stage == TrainingProgress.Stage.LEARNING) {
                        learned.add(done);
                    }
                })
                .build()
                .train(TEXTS);

        assertThat(learned).isSorted().hasSize(280 - 257).endsWith(280L);
    }

    @Test
    void stopsWhenTheTextsGiveNoMore() {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(1000)
                .minFrequency(1)
                .build()
                .train(List.of("ab"));

        assertThat(tokenizer.vocabSize()).isEqualTo(258);
    }

    @Test
    void rejectsSettingsThatCannotBeMet() {
        assertThatThrownBy(() -> ByteLevelBpeTrainer.builder().vocabSize(256).build())
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("must be >= 257")
                .hasMessageContaining("got 256");
        assertThatThrownBy(() -> ByteLevelBpeTrainer.builder().specialTokens("<s>", "<s>").build())
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("must differ");
        assertThatThrownBy(() -> ByteLevelBpeTrainer.builder().surroundWith("<s>", "</s>").build().train(List.of()))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("\"<s>\" must be a special token");
    }

    static List<String> tokens(Tokenizer tokenizer) {
        return IntStream.range(0, tokenizer.vocabSize()).mapToObj(tokenizer::token).toList();
    }

    private static String tokenizerClass(Path folder) throws IOException {
        return JSON.readTree(folder.resolve("tokenizer_config.json").toFile()).get("tokenizer_class").asText();
    }

    static JsonNode golden(String name) {
        try (InputStream stream = TrainersTest.class.getResourceAsStream("/training/golden.json")) {
            return JSON.readTree(stream).get(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> strings(JsonNode node) {
        List<String> list = new ArrayList<>();
        node.forEach(element -> list.add(element.asText()));
        return list;
    }

    static Path fixture(String name) {
        try {
            return Path.of(TrainersTest.class.getResource("/tokenizers/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> texts() {
        try {
            List<String> texts = new ArrayList<>();
            for (String line : Files.readAllLines(fixture("gpt2-byte-level-bpe").resolve("golden.jsonl"))) {
                JsonNode node = JSON.readTree(line);
                if (node.get("kind").asText().equals("single")) {
                    texts.add(node.get("text").asText());
                }
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
