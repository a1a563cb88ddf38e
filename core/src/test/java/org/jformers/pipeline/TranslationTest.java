package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.WordLevelTrainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TranslationTest {
    private static Tokenizer tokenizer;
    private static Translation translation;

    @BeforeAll
    static void load() {
        tokenizer = words(93);
        Model model = model();
        translation = new Translation(model, tokenizer, tokenizer, GenerationConfig.of(model.config()));
    }

    @AfterAll
    static void close() {
        translation.close();
    }

    @Test
    void givesEachTextWhatItGetsAloneInTheOrderGiven() {
        List<String> texts = List.of("w3 w4", "w5 w6 w7 w8 w9", "", "w10", "w11 w12 w13");
        for (GenerationConfig config : List.of(settings(10), settings(10).with().numBeams(4).build())) {
            List<List<Completion>> together = translation.translate(texts, config, Controls.NONE);
            for (int i = 0; i < texts.size(); i++) {
                Completion alone = translation.translate(List.of(texts.get(i)), config, Controls.NONE).get(0).get(0);
                assertThat(together.get(i).get(0).ids()).isEqualTo(alone.ids());
                assertThat(together.get(i).get(0).text()).isEqualTo(tokenizer.decode(alone.ids()));
            }
            assertThat(together.get(2).get(0).text()).isEmpty();
            assertThat(together.get(1).get(0).text()).isNotEmpty();
        }
    }

    @Test
    void neverWritesPadding() {
        assertThat(translation.translate("w3 w4 w5").ids()).isNotEmpty().doesNotContain(0);
    }

    @Test
    void returnsSeveralTranslations() {
        GenerationConfig beams = settings(6).with().numBeams(4).numReturnSequences(4).build();
        List<Completion> found = translation.translate(List.of("w3 w4"), beams, Controls.NONE).get(0);
        assertThat(found).hasSize(4);
        assertThat(found.stream().map(one -> one.score().orElseThrow()).toList())
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
    }

    @Test
    void showsWhereItLooked() {
        Completion one = translation.translate(List.of("w3 w4 w5"), settings(6), Controls.NONE).get(0).get(0);
        AttentionMap map = translation.attention("w3 w4 w5", one, settings(6));
        assertThat(map.source()).isEqualTo(
                IntStream.of(tokenizer.encode("w3 w4 w5").ids()).mapToObj(tokenizer::token).toList());
        assertThat(map.target()).hasSize(one.ids().length);
        assertThat(map.weights()).hasDimensions(2, 4);
        for (float[][][] layer : map.weights()) {
            for (float[][] head : layer) {
                assertThat(head.length).isEqualTo(map.target().size());
                for (float[] target : head) {
                    double sum = 0;
                    for (float weight : target) {
                        sum += weight;
                    }
                    assertThat(target).hasSize(map.source().size());
                    assertThat(sum).isCloseTo(1, within(1e-5));
                }
            }
        }
    }

    @Test
    void loadsAFolderWithTwoTokenizers(@TempDir Path folder) throws Exception {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(fixture().resolve(file), folder.resolve(file));
        }
        List<String> words = IntStream.range(0, 93).mapToObj(i -> "z" + i).toList();
        tokenizer.save(folder);
        WordLevelTrainer.symbols().build().of(words).save(folder.resolve(Translation.TARGET_FOLDER));
        try (Translation loaded = Translation.load(folder)) {
            Completion one = loaded.translate("w3 w4");
            assertThat(one.ids()).isEqualTo(translation.translate("w3 w4").ids());
            assertThat(one.text()).contains("z").doesNotContain("w");
        }
    }

    @Test
    void refusesADecoder() throws Exception {
        Path folder = Path.of(TranslationTest.class.getResource("/fixtures/models/gpt2-lm").toURI());
        try (Model model = AutoModel.load(folder)) {
            assertThatThrownBy(() -> new Translation(model, tokenizer, tokenizer, GenerationConfig.DEFAULT))
                    .isInstanceOf(JformersException.class)
                    .hasMessage("translation: got GPT2LMHeadModel, allowed encoder-decoders");
        }
    }

    @Test
    void refusesAnAddedTokenBeyondTheModelWhereItIsUsed() {
        Tokenizer added = tokenizer.withTokens("w93", "w94", "w95", "w96", "w97", "w98", "w99");
        try (Translation other = new Translation(model(), added, added, settings(4))) {
            assertThat(other.translate("w3 w4").ids()).isEqualTo(
                    translation.translate(List.of("w3 w4"), settings(4), Controls.NONE).get(0).get(0).ids());
            assertThatThrownBy(() -> other.translate("w3 w99"))
                    .isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("translation, source: got a tokenizer with token")
                    .hasMessageContaining("(w99)");
        }
    }

    @Test
    void refusesATokenizerWithMoreTokensThanTheModel() {
        try (Model model = model()) {
            for (boolean source : new boolean[] {true, false}) {
                Tokenizer larger = words(100);
                assertThatThrownBy(() -> new Translation(
                                model, source ? larger : tokenizer, source ? tokenizer : larger, translation.config()))
                        .isInstanceOf(JformersException.class)
                        .hasMessageStartingWith("translation, " + (source ? "source" : "target") + ": got a tokenizer");
            }
        }
    }

    static Tokenizer words(int count) {
        return WordLevelTrainer.symbols().build().of(IntStream.range(0, count).mapToObj(i -> "w" + i).toList());
    }

    static Model model() {
        return AutoModel.load(fixture());
    }

    private static Path fixture() {
        try {
            return Path.of(TranslationTest.class.getResource("/fixtures/models/vaswani").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GenerationConfig settings(int tokens) {
        return translation.config().with().maxNewTokens(tokens).build();
    }
}
