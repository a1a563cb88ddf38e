package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A random model over bytes writes anything at all, halves of characters too. */
final class TextGenerationTest {
    private static final GenerationConfig SAMPLED =
            GenerationConfig.builder().maxNewTokens(40).doSample(true).topK(0).build();
    private static final List<String> TEXTS = List.of("Der Fluß fließt. Größe über alles: 水は流れる、水は流れる。");
    private static Tokenizer tokenizer;
    private static TextGeneration pipeline;

    @BeforeAll
    static void make() {
        tokenizer = ByteLevelBpeTrainer.builder().vocabSize(300).specialTokens("<s>", "</s>").build()
                .train(TEXTS);
        pipeline = new TextGeneration(model(tokenizer), tokenizer, GenerationConfig.builder().bosTokenId(0).build());
    }

    @AfterAll
    static void close() {
        pipeline.close();
    }

    @Test
    void streamsWholeCharactersThatTogetherAreTheText() {
        for (int seed = 0; seed < 20; seed++) {
            List<String> pieces = new ArrayList<>();
            Controls controls = Controls.NONE.withSeed(seed);
            Completion streamed = pipeline.stream("Größe", SAMPLED, controls, pieces::add);
            Completion whole = pipeline.generate(List.of("Größe"), SAMPLED, controls).get(0).get(0);
            assertThat(streamed.text()).isEqualTo(whole.text()).isEqualTo(String.join("", pieces));
            assertThat(streamed.ids()).isEqualTo(whole.ids()).hasSize(40);
            assertThat(pieces).doesNotContain("");
        }
    }

    @Test
    void stopsBehindAStopString() {
        Controls controls = Controls.NONE.withSeed(3);
        String free = pipeline.generate(List.of("Der"), SAMPLED, controls).get(0).get(0).text();
        String stop = free.codePoints().filter(c -> c != 0xFFFD && c > ' ').skip(2).limit(1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        Completion stopped = pipeline.generate(
                List.of("Der"), SAMPLED.with().stopStrings(stop).build(), controls).get(0).get(0);
        assertThat(stopped.complete()).isTrue();
        assertThat(stopped.text()).contains(stop).hasSizeLessThan(free.length());
        assertThat(free).startsWith(stopped.text());
    }

    @Test
    void beginsAnEmptyPromptWithTheFirstToken() {
        GenerationConfig greedy = GenerationConfig.builder().maxNewTokens(5).build();
        assertThat(pipeline.generate(List.of(""), greedy, Controls.NONE).get(0).get(0).ids())
                .isEqualTo(pipeline.generate(List.of("<s>"), greedy, Controls.NONE).get(0).get(0).ids());
    }

    @Test
    void continuesSeveralPromptsWithSeveralTextsEach() {
        GenerationConfig beams = GenerationConfig.builder().maxNewTokens(5).numBeams(3).numReturnSequences(2).build();
        List<List<Completion>> all = pipeline.generate(List.of("Der Fluß", "水"), beams, Controls.NONE);
        assertThat(all).hasSize(2).allSatisfy(one -> assertThat(one).hasSize(2));
        assertThat(all.get(0).get(0).score().orElseThrow())
                .isGreaterThanOrEqualTo(all.get(0).get(1).score().orElseThrow());
    }

    @Test
    void loadsAFolder(@TempDir Path folder) {
        try (Model model = model(tokenizer)) {
            model.save(folder);
        }
        tokenizer.save(folder);
        GenerationConfig.builder().maxNewTokens(4).build().save(folder);
        try (TextGeneration loaded = TextGeneration.load(folder)) {
            assertThat(loaded.generate("Der").ids())
                    .isEqualTo(pipeline.generate(List.of("Der"), loaded.config(), Controls.NONE).get(0).get(0).ids())
                    .hasSize(4);
        }
    }

    @Test
    void refusesAnEncoderDecoder() {
        try (Model model = TranslationTest.model()) {
            assertThatThrownBy(() -> new TextGeneration(model, tokenizer, GenerationConfig.DEFAULT))
                    .isInstanceOf(JformersException.class)
                    .hasMessageContaining("an encoder-decoder; allowed decoders");
        }
    }

    @Test
    void refusesATokenizerWithMoreTokensThanTheModel() {
        GenerationConfig config = GenerationConfig.builder().build();
        Tokenizer fewer = ByteLevelBpeTrainer.builder().vocabSize(265).specialTokens("<s>", "</s>").build()
                .train(TEXTS);
        try (Model model = model(fewer)) {
            int last = tokenizer.vocabSize() - 1;
            assertThatThrownBy(() -> new TextGeneration(model, tokenizer, config))
                    .isInstanceOf(JformersException.class)
                    .hasMessage("text generation: got a tokenizer with token " + last + " (" + tokenizer.token(last)
                            + "), allowed up to " + (fewer.vocabSize() - 1) + ", for the model has "
                            + fewer.vocabSize() + " token vectors; AutoModel.resized gives it more");
            try (TextGeneration roomy =
                    new TextGeneration(AutoModel.resized(model, tokenizer.vocabSize() + 3), tokenizer, config)) {
                assertThat(roomy.tokenizer()).isSameAs(tokenizer);
            }
        }
    }

    /** As Gemma 3's smallest model has one for images. */
    @Test
    void refusesAnAddedTokenBeyondTheModelWhereItIsUsed() {
        GenerationConfig config = GenerationConfig.builder().maxNewTokens(2).build();
        try (TextGeneration added = new TextGeneration(model(tokenizer), tokenizer.withTokens("<image>"), config)) {
            assertThat(added.generate("Der").ids()).hasSizeBetween(1, 2);
            assertThatThrownBy(() -> added.generate("Der <image>"))
                    .isInstanceOf(JformersException.class)
                    .hasMessageContaining("got a tokenizer with token " + tokenizer.vocabSize() + " (<image>)")
                    .hasMessageContaining("the model has " + tokenizer.vocabSize() + " token vectors");
        }
    }

    private static Model model(Tokenizer tokenizer) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("model_type", "gpt2").put("vocab_size", tokenizer.vocabSize()).put("n_positions", 64);
        json.put("n_embd", 16).put("n_layer", 1).put("n_head", 2);
        json.putArray("architectures").add("GPT2LMHeadModel");
        return AutoModel.create(AutoConfig.parse(json, "test"), Task.CAUSAL_LM, 1);
    }
}
