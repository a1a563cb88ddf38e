package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is remembered of a sequence follows it: under beams, guessed tokens, several sequences and lost rows. */
final class SequenceProcessorTest {
    private static Model model;
    private static Generator generator;

    @BeforeAll
    static void load() {
        model = AutoModel.load(Golden.of("gpt2-lm").folder());
        generator = new Generator(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** The score that the text so far leaves for a token: a number made of all its tokens in order. */
    private static long mixed(long before, int token) {
        return (before * 31 + token + 7) % 1_000_003;
    }

    private static Tensor raised(long number, Tensor scores_V) {
        int token = (int) (number % scores_V.size(0));
        Tensor one = scores_V.narrow(0, token, 1);
        one.add_(new Scalar(6.0));
        return scores_V;
    }

    /** Raises a token that depends on the whole text; what it remembers is a number. */
    private static final SequenceProcessor<Long> REMEMBERING = new SequenceProcessor<>() {
        @Override
        public Long begin(int[] prompt) {
            long number = 1;
            for (int token : prompt) {
                number = mixed(number, token);
            }
            return number;
        }

        @Override
        public Long next(Long before, int token) {
            return mixed(before, token);
        }

        @Override
        public Tensor process(Long state, Tensor scores_V) {
            return raised(state, scores_V);
        }
    };

    /** The same from the text itself, for prompts without padding. */
    private static final LogitsProcessor PLAIN = (ids_BS, scores_BV) -> {
        for (int row = 0; row < ids_BS.length; row++) {
            long number = 1;
            for (long token : ids_BS[row]) {
                number = mixed(number, (int) token);
            }
            raised(number, scores_BV.select(0, row));
        }
        return scores_BV;
    };

    private static List<int[]> ids(List<List<Continuation>> all) {
        return all.stream().flatMap(List::stream).map(Continuation::ids).toList();
    }

    private static GenerationConfig.Builder config() {
        return GenerationConfig.builder().maxNewTokens(9).eosTokenId(7);
    }

    private static List<GenerationConfig> searches() {
        return List.of(
                config().build(),
                config().numBeams(4).numReturnSequences(3).build(),
                config().doSample(true).numReturnSequences(3).build(),
                config().doSample(true).numBeams(3).build());
    }

    @Test
    void whatIsRememberedFollowsSequences() {
        List<int[]> prompts = List.of(new int[] {5, 6, 7}, new int[] {9, 3, 20}, new int[] {5, 6, 7});
        for (GenerationConfig config : searches()) {
            List<int[]> remembered =
                    ids(generator.generate(prompts, config, Controls.NONE.withSeed(1).withProcessor(REMEMBERING)));
            List<int[]> plain =
                    ids(generator.generate(prompts, config, Controls.NONE.withSeed(1).withProcessor(PLAIN)));
            List<int[]> without = ids(generator.generate(prompts, config, Controls.NONE.withSeed(1)));
            assertThat(remembered).containsExactlyElementsOf(plain);
            assertThat(Arrays.deepEquals(remembered.toArray(), without.toArray())).isFalse();
        }
    }

    @Test
    void paddingIsNotPartOfAPrompt() {
        List<int[]> prompts = List.of(new int[] {5, 6, 7}, new int[] {9, 3, 20, 4, 30, 31});
        List<int[]> together =
                ids(generator.generate(prompts, config().build(), Controls.NONE.withProcessor(REMEMBERING)));
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(together.get(i)).isEqualTo(ids(generator.generate(
                    List.of(prompts.get(i)), config().build(), Controls.NONE.withProcessor(REMEMBERING))).get(0));
        }
    }

    @Test
    void guessedTokensThatAreTakenBackAreForgotten() {
        int[] prompt = {5, 6, 7, 5, 6, 7, 5, 6};
        Controls remembering = Controls.NONE.withProcessor(REMEMBERING);
        int[] plain = generator.generate(List.of(prompt), config().build(), remembering).get(0).get(0).ids();
        for (Drafts drafts : List.of(new PromptLookup(4), new DraftModel(model, 3))) {
            assertThat(generator.generate(List.of(prompt), config().build(), remembering.withDrafts(drafts))
                    .get(0).get(0).ids()).isEqualTo(plain);
        }
    }

    @Test
    void requestsThatGiveTheirRowsUpRemember() {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withChunk(3).withTokens(60))) {
            List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
            List<int[]> expected = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int[] prompt = {5, 6 + i, 7};
                GenerationConfig config = searches().get(i % 4);
                Controls controls = Controls.NONE.withSeed(i).withProcessor(REMEMBERING);
                results.add(engine.submit(prompt, config, controls));
                expected.addAll(ids(generator.generate(List.of(prompt), config, controls)));
            }
            engine.run();
            assertThat(engine.evictions()).isPositive();
            assertThat(ids(results.stream().map(CompletableFuture::join).toList()))
                    .containsExactlyElementsOf(expected);
        }
    }

    @Test
    void onlyAllowedTokensFollow() {
        AllowedTokens evenOnes = ids -> IntStream.range(0, 60).map(i -> 2 * i).toArray();
        for (GenerationConfig config : searches()) {
            for (int[] ids : ids(generator.generate(
                    List.of(new int[] {5, 6}), config, Controls.NONE.withAllowedTokens(evenOnes)))) {
                assertThat(Arrays.stream(ids)).isNotEmpty().allMatch(id -> id % 2 == 0);
            }
        }
        assertThatThrownBy(() -> generator.generate(List.of(new int[] {5, 6}), config().build(),
                Controls.NONE.withAllowedTokens(ids -> new int[0])))
                .isInstanceOf(ConfigException.class)
                .hasMessage("generation: got no allowed tokens behind a text of 2 tokens, allowed at least one");
        assertThatThrownBy(() -> generator.generate(List.of(new int[] {5, 6}), config().build(),
                Controls.NONE.withAllowedTokens(ids -> new int[] {-4})))
                .hasMessageContaining("got allowed token -4, allowed 0 to");
    }

    /** Under every search the second sequence goes where the first goes. */
    @Test
    void guidanceFollowsSequences() {
        int[] prompt = {5, 6, 7, 5, 6, 7};
        Controls controls = Controls.NONE.withNegativePrompt(List.of(9, 3, 20, 4));
        GenerationConfig greedy = config().guidanceScale(2.5).build();
        int[] plain = generator.generate(List.of(prompt), greedy, controls).get(0).get(0).ids();
        assertThat(plain).isNotEqualTo(
                generator.generate(List.of(prompt), config().build(), Controls.NONE).get(0).get(0).ids());
        assertThat(generator.generate(List.of(prompt), greedy, controls.withDrafts(new PromptLookup(3)))
                .get(0).get(0).ids()).isEqualTo(plain);
        GenerationConfig beams = greedy.with().numBeams(3).numReturnSequences(3).build();
        List<Continuation> found = generator.generate(List.of(prompt), beams, controls).get(0);
        for (Continuation one : found) {
            assertThat(one.score().orElseThrow() * one.ids().length)
                    .isCloseTo(guidedScore(prompt, one.ids(), greedy, controls), within(1e-3));
        }
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withChunk(3).withTokens(130))) {
            List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                results.add(engine.submit(prompt, i % 2 == 0 ? greedy : beams, controls));
            }
            engine.run();
            assertThat(engine.evictions()).isPositive();
            for (int i = 0; i < 6; i++) {
                assertThat(results.get(i).join().get(0).ids())
                        .isEqualTo(i % 2 == 0 ? plain : found.get(0).ids());
            }
        }
    }

    /** The log-probability of a text, token by token: each is the only one allowed, and its score is told. */
    private static double guidedScore(int[] prompt, int[] ids, GenerationConfig config, Controls controls) {
        Controls forced = controls.withScores(0)
                .withAllowedTokens(text -> new int[] {ids[text.length - prompt.length]});
        GenerationConfig as = config.with().maxNewTokens(ids.length).build();
        return generator.generate(List.of(prompt), as, forced).get(0).get(0).scores().stream()
                .mapToDouble(TokenScore::logProbability).sum();
    }

    @Test
    void refusesGuidanceThatHasNoEffectOrNoTexts() {
        int[] prompt = {5, 6};
        assertThatThrownBy(() -> generator.generate(
                List.of(prompt), config().build(), Controls.NONE.withNegativePrompt(List.of(1, 2))))
                .isInstanceOf(JformersException.class)
                .hasMessage("generation: got a negative prompt with guidance_scale 1, allowed with another, which leads"
                        + " away from it");
        assertThatThrownBy(() -> Controls.NONE.withNegativePrompt(List.of()))
                .hasMessage("generation: got a negative prompt without tokens, allowed at least one");
        try (Model pair = AutoModel.load(Golden.writer("t5"))) {
            assertThatThrownBy(() -> new Generator(pair).generate(List.of(prompt),
                    config().guidanceScale(2).decoderStartTokenId(0).build(), Controls.NONE))
                    .hasMessageContaining("got guidance_scale 2.0 for T5ForConditionalGeneration, allowed 1");
        }
    }
}
