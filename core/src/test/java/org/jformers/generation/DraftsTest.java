package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class DraftsTest {
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

    private static List<int[]> prompts() {
        Random random = new Random(4);
        List<int[]> prompts = new ArrayList<>(List.of(new int[] {5, 6, 7, 5, 6, 7, 5, 6}, new int[] {3}));
        for (int i = 0; i < 6; i++) {
            prompts.add(random.ints(2 + random.nextInt(8), 1, 6).toArray());
        }
        return prompts;
    }

    private static GenerationConfig config(int prompt) {
        return GenerationConfig.builder().maxNewTokens(20 - prompt).eosTokenId(9).repetitionPenalty(1.1).build();
    }

    @Test
    void guessesDoNotChangeWhatTheModelWrites() {
        for (Drafts drafts : List.of(
                new PromptLookup(1), new PromptLookup(5), new DraftModel(model, 3), new DraftModel(model, 1))) {
            for (int[] prompt : prompts()) {
                Continuation plain = generator.generate(
                        List.of(prompt), config(prompt.length), Controls.NONE).get(0).get(0);
                List<Integer> heard = new ArrayList<>();
                Continuation guessed = generator.generate(List.of(prompt), config(prompt.length),
                        Controls.NONE.withDrafts(drafts).withListener(heard::add)).get(0).get(0);
                assertThat(guessed.ids()).as("%s", drafts).isEqualTo(plain.ids());
                assertThat(guessed.complete()).isEqualTo(plain.complete());
                assertThat(heard.stream().mapToInt(Integer::intValue).toArray()).isEqualTo(plain.ids());
            }
        }
    }

    @Test
    void tokenByTokenTheyAreTheSame() {
        int[] prompt = {5, 6, 7, 5, 6, 7, 5, 6};
        int[] plain = generator.generate(List.of(prompt), config(8), Controls.NONE).get(0).get(0).ids();
        try (TokenSteps steps =
                generator.steps(prompt, config(8), Controls.NONE.withDrafts(new PromptLookup(4)))) {
            for (int id : plain) {
                assertThat(steps.next()).hasValue(id);
            }
            assertThat(steps.next()).isEmpty();
        }
    }

    @Test
    void besideOtherRequestsTheyAreTheSame() {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withChunk(3).withTokens(60))) {
            List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
            for (int[] prompt : prompts()) {
                results.add(engine.submit(prompt, config(prompt.length),
                        Controls.NONE.withDrafts(new DraftModel(model, 3))));
            }
            engine.run();
            for (int i = 0; i < results.size(); i++) {
                int[] prompt = prompts().get(i);
                assertThat(results.get(i).join().get(0).ids()).isEqualTo(generator.generate(
                        List.of(prompt), config(prompt.length), Controls.NONE).get(0).get(0).ids());
            }
        }
    }

    @Test
    void aModelThatGuessesForItselfIsMostlyRight() {
        // Drawn with the same probabilities, all guesses are kept: three tokens and one more with each step.
        GenerationConfig drawn = GenerationConfig.builder().maxNewTokens(12).doSample(true).build();
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT)) {
            CompletableFuture<List<Continuation>> result = engine.submit(new int[] {5, 6}, drawn,
                    Controls.NONE.withSeed(1).withDrafts(new DraftModel(model, 3)));
            int steps = 0;
            while (!result.isDone()) {
                engine.step();
                steps++;
            }
            assertThat(result.join().get(0).ids()).hasSize(12);
            assertThat(steps).isLessThan(9);
        }
    }

    @Test
    void tellsHowLikelyEachTokenWas() {
        int[] prompt = {5, 6, 7, 5, 6, 7, 5, 6};
        Controls scored = Controls.NONE.withScores(3);
        Continuation plain = generator.generate(List.of(prompt), config(8), scored).get(0).get(0);
        Continuation guessed = generator.generate(
                List.of(prompt), config(8), scored.withDrafts(new PromptLookup(4))).get(0).get(0);
        assertThat(plain.scores()).hasSameSizeAs(guessed.scores()).hasSize(plain.ids().length);
        for (int i = 0; i < plain.ids().length; i++) {
            TokenScore one = plain.scores().get(i);
            assertThat(one.id()).isEqualTo(plain.ids()[i]).isEqualTo(guessed.scores().get(i).id());
            assertThat(one.logProbability()).isNegative()
                    .isCloseTo(guessed.scores().get(i).logProbability(), within(1e-4f));
            assertThat(one.best()).hasSize(3).isSortedAccordingTo(
                    (a, b) -> Float.compare(b.logProbability(), a.logProbability()));
            assertThat(one.logProbability()).isLessThanOrEqualTo(one.best().get(0).logProbability());
        }
    }

    @Test
    void isForOneSequence() {
        GenerationConfig beams = GenerationConfig.builder().maxNewTokens(3).numBeams(2).build();
        assertThatThrownBy(() -> generator.generate(
                List.of(new int[] {1}), beams, Controls.NONE.withDrafts(new PromptLookup(2))))
                .isInstanceOf(JformersException.class).hasMessageContaining("got guessed tokens for 1 prompts");
        assertThatThrownBy(() -> new PromptLookup(0)).hasMessageContaining("got guessed tokens 0, allowed 1 to 32");
    }

    /** 100,000 draws of each kind against what they should be: chi-squared, 7 degrees, a chance of 1 in 10,000. */
    @Test
    void keepsTheDistribution() {
        float[] p = {0.3f, 0.05f, 0.2f, 0, 0.15f, 0.02f, 0.18f, 0.1f};
        float[] q = {0.1f, 0.3f, 0.05f, 0.15f, 0.2f, 0.05f, 0.05f, 0.1f};
        Acceptance acceptance = new Acceptance(new SplittableRandom(2));
        SplittableRandom guesses = new SplittableRandom(3);
        int draws = 100_000;
        int[] drawn = new int[p.length];
        int[] certain = new int[p.length];
        for (int i = 0; i < draws; i++) {
            drawn[acceptance.token(drawn(q, guesses.nextDouble()), p, q)]++;
            certain[acceptance.token(4, p)]++;
        }
        assertThat(chiSquared(drawn, p, draws)).isLessThan(29.9);
        assertThat(chiSquared(certain, p, draws)).isLessThan(29.9);
        assertThat(drawn[3] + certain[3]).isZero();
    }

    private static int drawn(float[] q, double place) {
        int i = 0;
        double left = place - q[0];
        while (left >= 0 && i < q.length - 1) {
            left -= q[++i];
        }
        return i;
    }

    private static double chiSquared(int[] counts, float[] p, int draws) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            if (p[i] > 0) {
                double expected = p[i] * (double) draws;
                sum += (counts[i] - expected) * (counts[i] - expected) / expected;
            }
        }
        return sum;
    }
}
