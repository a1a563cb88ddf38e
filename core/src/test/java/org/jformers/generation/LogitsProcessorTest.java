package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.jformers.model.ConfigException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LogitsProcessorTest {
    private static final float OUT = Float.NEGATIVE_INFINITY;
    private static final long[][] NOTHING = {{0}};

    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void temperatureDividesScores() {
        assertThat(run(new Temperature(0.5), NOTHING, 1, -2, 0)).containsExactly(2, -4, 0);
    }

    @Test
    void topKLeavesTheBestAndTheirEquals() {
        assertThat(run(new TopK(2), NOTHING, 1, 3, 2, 0)).containsExactly(OUT, 3, 2, OUT);
        assertThat(run(new TopK(2), NOTHING, 2, 3, 2, 0)).containsExactly(2, 3, 2, OUT);
        assertThat(run(new TopK(9), NOTHING, 1, 3)).containsExactly(1, 3);
    }

    @Test
    void topPLeavesTheFewestThatReachIt() {
        float[] scores = logs(0.1, 0.5, 0.4);
        assertThat(run(new TopP(0.45, 1), NOTHING, scores)).containsExactly(OUT, scores[1], OUT);
        assertThat(run(new TopP(0.8, 1), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2]);
        assertThat(run(new TopP(0.95, 1), NOTHING, scores)).containsExactly(scores);
        assertThat(run(new TopP(1, 1), NOTHING, scores)).containsExactly(scores);
    }

    @Test
    void topPSparesTheBestTokens() {
        float[] scores = logs(0.1, 0.5, 0.4);
        assertThat(run(new TopP(0, 1), NOTHING, scores)).containsExactly(OUT, scores[1], OUT);
        assertThat(run(new TopP(0, 2), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2]);
        assertThat(run(new TopP(0, 9), NOTHING, scores)).containsExactly(scores);
    }

    @Test
    void minPLeavesWhatHasAShareOfTheBest() {
        float[] scores = logs(0.1, 0.5, 0.4);
        assertThat(run(new MinP(0.5, 1), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2]);
        assertThat(run(new MinP(0.1, 1), NOTHING, scores)).containsExactly(scores);
        assertThat(run(new MinP(1, 2), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2]);
    }

    @Test
    void topHLeavesAShareOfTheEntropyAndTheBest() {
        float[] scores = logs(0.25, 0.5, 0.25);
        // Terms of the entropy: 0.347 each; together 1.04.
        assertThat(run(new TopH(0.2), NOTHING, scores)).containsExactly(OUT, scores[1], OUT);
        assertThat(run(new TopH(0.4), NOTHING, scores)).containsExactly(OUT, scores[1], OUT);
        assertThat(run(new TopH(0.7), NOTHING, scores)).satisfies(left -> assertThat(left[1]).isEqualTo(scores[1]));
    }

    @Test
    void typicalPLeavesTheUsualSurprises() {
        // The entropy is 1.01: 0.5 surprises by 0.69, 0.4 by 0.92, 0.05 by 3.
        float[] scores = logs(0.05, 0.5, 0.4, 0.05);
        assertThat(run(new TypicalP(0.3, 1), NOTHING, scores)).containsExactly(OUT, OUT, scores[2], OUT);
        assertThat(run(new TypicalP(0.8, 1), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2], OUT);
        float[] fewer = {OUT, scores[1], scores[2], OUT};
        assertThat(run(new TypicalP(0.95, 1), NOTHING, fewer.clone())).containsExactly(fewer);
    }

    @Test
    void cutoffsLeaveWhatIsLikelyEnough() {
        float[] scores = logs(0.05, 0.5, 0.4, 0.05);
        assertThat(run(new EpsilonCutoff(0.1, 1), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2], OUT);
        assertThat(run(new EpsilonCutoff(0.9, 2), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2], OUT);
        // sqrt(0.04) exp(-1.01) is 0.073, more than 0.04; sqrt(0.5) exp(-1.01) is 0.26, less than 0.5.
        assertThat(run(new EtaCutoff(0.04, 1), NOTHING, scores)).containsExactly(scores);
        assertThat(run(new EtaCutoff(0.5, 1), NOTHING, scores)).containsExactly(OUT, scores[1], scores[2], OUT);
    }

    @Test
    void sequenceBiasAddsToTheLastTokenBehindTheOthers() {
        Map<List<Integer>, Double> biases = Map.of(List.of(2), 1.5, List.of(1, 0), -2.0);
        assertThat(run(new SequenceBias(biases), new long[][] {{0, 1}}, 5, 6, 7)).containsExactly(3, 6, 8.5f);
        assertThat(run(new SequenceBias(biases), new long[][] {{1, 2}}, 5, 6, 7)).containsExactly(5, 6, 8.5f);
        assertThatThrownBy(() -> run(new SequenceBias(Map.of(List.of(3), 1.0)), NOTHING, 5, 6, 7))
                .isInstanceOf(ConfigException.class)
                .hasMessage("generation: got sequence_bias 3, allowed 0 to 2");
    }

    @Test
    void endTokensGrowBeyondALength() {
        GrowingEndScores growing = new GrowingEndScores(2, 1.5, List.of(0, 2));
        assertThat(run(growing, new long[][] {{0, 0}}, -4, 6, 2)).containsExactly(-4, 6, 2);
        assertThat(run(growing, new long[][] {{0, 0, 0}}, -4, 6, 2)).containsExactly(-2, 6, 3);
        assertThat(run(growing, new long[][] {{0, 0, 0}}, OUT, 6, 2)).containsExactly(OUT, 6, 3);
    }

    @Test
    void ngramsOfTheSourceDoNotComeAgain() {
        EncoderNoRepeatNgrams ngrams = new EncoderNoRepeatNgrams(2, new long[][] {{1, 2, 1, 0}});
        assertThat(run(ngrams, new long[][] {{2, 1}}, 5, 6, 7)).containsExactly(OUT, 6, OUT);
        assertThat(run(ngrams, new long[][] {{0}}, 5, 6, 7)).containsExactly(5, 6, 7);
        assertThat(run(new EncoderNoRepeatNgrams(3, new long[][] {{1}}), new long[][] {{1}}, 5, 6, 7))
                .containsExactly(5, 6, 7);
    }

    @Test
    void tokensOfTheSourceBecomeLikelier() {
        LogitsProcessor penalty = new EncoderRepetitionPenalty(2, new long[][] {{0, 1, 1}});
        assertThat(run(penalty, NOTHING, 4, -4, 1)).containsExactly(8, -2, 1);
        assertThatThrownBy(() -> run(new EncoderRepetitionPenalty(2, new long[][] {{3}}), NOTHING, 5, 6, 7))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tokens beyond the 3 that can be written");
    }

    @Test
    void repetitionPenaltyMakesWhatWasThereLessLikelyOnce() {
        assertThat(run(new RepetitionPenalty(2), new long[][] {{0, 1, 1, 0}}, 4, -4, 1)).containsExactly(2, -8, 1);
    }

    @Test
    void ngramsComeButOnce() {
        assertThat(run(new NoRepeatNgrams(2), new long[][] {{1, 2, 1, 0, 1}}, 5, 6, 7)).containsExactly(OUT, 6, OUT);
        assertThat(run(new NoRepeatNgrams(1), new long[][] {{1}}, 5, 6, 7)).containsExactly(5, OUT, 7);
        assertThat(run(new NoRepeatNgrams(3), new long[][] {{1, 1}}, 5, 6, 7)).containsExactly(5, 6, 7);
    }

    @Test
    void badWordsLoseTheirLastTokenBehindTheOthers() {
        BadWords words = new BadWords(List.of(List.of(2), List.of(1, 0)));
        assertThat(run(words, new long[][] {{0, 1}}, 5, 6, 7)).containsExactly(OUT, 6, OUT);
        assertThat(run(words, new long[][] {{1, 2}}, 5, 6, 7)).containsExactly(5, 6, OUT);
        assertThatThrownBy(() -> run(new BadWords(List.of(List.of(3))), NOTHING, 5, 6, 7))
                .isInstanceOf(ConfigException.class)
                .hasMessage("generation: got bad_words_ids 3, allowed 0 to 2");
    }

    @Test
    void forbidsTokensAtSomeLengths() {
        ForbiddenTokens forbidden = new ForbiddenTokens(List.of(1, 99), 2, 3);
        assertThat(run(forbidden, new long[][] {{0}}, 5, 6)).containsExactly(5, 6);
        assertThat(run(forbidden, new long[][] {{0, 0}}, 5, 6)).containsExactly(5, OUT);
        assertThat(run(forbidden, new long[][] {{0, 0, 0}}, 5, 6)).containsExactly(5, 6);
    }

    @Test
    void forcesTokensAtOneLength() {
        ForcedTokens forced = new ForcedTokens(List.of(0, 2), 2);
        assertThat(run(forced, new long[][] {{0}}, 5, 6, 7)).containsExactly(5, 6, 7);
        assertThat(run(forced, new long[][] {{0, 0}}, 5, 6, 7)).containsExactly(0, OUT, 0);
    }

    private static float[] run(LogitsProcessor processor, long[][] ids, float... scores) {
        return Tensors.toFloats(processor.process(ids, Tensors.ofFloats(scores, 1, scores.length)));
    }

    private static float[] logs(double... probabilities) {
        float[] logs = new float[probabilities.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = (float) Math.log(probabilities[i]);
        }
        return logs;
    }
}
