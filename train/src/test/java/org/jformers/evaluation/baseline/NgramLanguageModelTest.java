package org.jformers.evaluation.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.jformers.evaluation.EvaluationException;
import org.jformers.evaluation.baseline.NgramLanguageModel.Evaluation;
import org.jformers.evaluation.baseline.NgramLanguageModel.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NgramLanguageModelTest {
    private static final int END = 0;

    @ParameterizedTest
    @EnumSource
    void probabilitiesSumToOneAfterAnyHistory(Kind kind) {
        List<int[]> texts = source(5, new Random(1)).documents(40, 30);
        NgramLanguageModel model = NgramLanguageModel.train(kind, 9, END, texts);
        for (int u = 0; u < 9; u++) {
            for (int v = 0; v < 9; v++) {
                double[] next = model.next(u, v);
                assertThat(Arrays.stream(next).sum()).isCloseTo(1, Offset.offset(1e-12));
                assertThat(Arrays.stream(next).min().orElseThrow()).isPositive();
            }
        }
    }

    /** The source knows two tokens back; its entropy is what no model can beat and a trigram comes close to. */
    @Test
    void trigramsReachTheEntropyOfASecondOrderSource() {
        Source source = source(6, new Random(2));
        List<int[]> texts = source.documents(3000, 50);
        List<int[]> unseen = source.documents(300, 50);
        double entropy = source.bitsPerToken(unseen);
        assertThat(bitsPerToken(Kind.TRIGRAM, texts, unseen)).isCloseTo(entropy, Percentage.withPercentage(0.5));
        assertThat(bitsPerToken(Kind.KNESER_NEY_TRIGRAM, texts, unseen))
                .isCloseTo(entropy, Percentage.withPercentage(0.5));
        assertThat(bitsPerToken(Kind.BIGRAM, texts, unseen)).isGreaterThan(1.1 * entropy);
        assertThat(bitsPerToken(Kind.UNIGRAM, texts, unseen))
                .isGreaterThan(bitsPerToken(Kind.BIGRAM, texts, unseen));
    }

    /** Where little was seen, weights must not trust long histories; mixing gains over the longest alone. */
    @Test
    void longerHistoriesNeverHurtOnLittleText() {
        Source source = source(40, new Random(4));
        List<int[]> texts = source.documents(60, 25);
        List<int[]> unseen = source.documents(200, 25);
        double unigram = bitsPerToken(Kind.UNIGRAM, texts, unseen);
        double bigram = bitsPerToken(Kind.BIGRAM, texts, unseen);
        assertThat(bigram).isLessThan(unigram * 1.01);
        assertThat(bitsPerToken(Kind.TRIGRAM, texts, unseen)).isLessThan(bigram * 1.01);
    }

    @Test
    void kneserNeyFollowsItsDefinition() {
        List<int[]> texts = source(7, new Random(5)).documents(30, 12);
        NgramLanguageModel model = NgramLanguageModel.train(Kind.KNESER_NEY_TRIGRAM, 8, END, texts);
        Definition definition = new Definition(8, texts);
        for (int u = 0; u < 8; u++) {
            for (int v = 0; v < 8; v++) {
                double[] next = model.next(u, v);
                for (int w = 0; w < 8; w++) {
                    assertThat(next[w])
                            .isCloseTo(definition.probability(List.of(u, v), w), Offset.offset(1e-12));
                }
            }
        }
    }

    @Test
    void unigramsAreRelativeFrequencies() {
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            texts.add(new int[] {1, 1, 2});
        }
        NgramLanguageModel model = NgramLanguageModel.train(Kind.UNIGRAM, 4, END, texts);
        assertThat(model.next()).containsExactly(new double[] {0.25, 0.5, 0.25, 0}, Offset.offset(5e-3));
        assertThat(model.bits(new int[] {1, 2})).isCloseTo(1 + 2 + 2, Offset.offset(0.02));
    }

    @Test
    void endOfTextBehindADocumentCountsOnce() {
        NgramLanguageModel model =
                NgramLanguageModel.train(Kind.BIGRAM, 5, END, List.of(new int[] {1, 2, 3}, new int[] {1, 2, END}));
        assertThat(model.bits(new int[] {1, 2, END})).isEqualTo(model.bits(new int[] {1, 2}));
        Evaluation evaluation = model.evaluate(List.of(new int[] {1, 2, END}, new int[] {}));
        assertThat(evaluation.tokens()).isEqualTo(4);
        assertThat(evaluation.bits()).isEqualTo(model.bits(new int[] {1, 2}) + model.bits(new int[] {}));
    }

    @Test
    void printsPerplexityAndGivesBitsPerByte() {
        Evaluation evaluation = new Evaluation(Kind.KNESER_NEY_TRIGRAM, 100, 600);
        assertThat(evaluation).hasToString("kneser ney trigram: perplexity = 64.00 bits per token = 6.0000 (n = 100)");
        assertThat(evaluation.bitsPerByte(400)).isEqualTo(1.5);
    }

    @Test
    void rejectsTokensOutsideTheVocabulary() {
        assertThatThrownBy(() -> NgramLanguageModel.train(Kind.TRIGRAM, 3, END, List.of(new int[] {1, 3})))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("n-gram model: token id 3, allowed: 0 to 2, position 1 of its document");
        assertThatThrownBy(() -> NgramLanguageModel.train(Kind.TRIGRAM, 3, 3, List.of(new int[] {1})))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("end-of-text id 3");
        assertThatThrownBy(() -> NgramLanguageModel.train(Kind.TRIGRAM, 3, END, List.of()))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("no documents");
    }

    private static double bitsPerToken(Kind kind, List<int[]> texts, List<int[]> unseen) {
        int vocabulary = 1 + texts.stream().flatMapToInt(Arrays::stream).max().orElseThrow();
        Evaluation evaluation = NgramLanguageModel.train(kind, vocabulary, END, texts).evaluate(unseen);
        return evaluation.bits() / evaluation.tokens();
    }

    private static Source source(int tokens, Random random) {
        double[][][] next = new double[tokens + 1][tokens + 1][tokens + 1];
        for (double[][] afterU : next) {
            for (double[] afterBoth : afterU) {
                Arrays.setAll(afterBoth, w -> w == END ? 0 : Math.pow(random.nextDouble(), 6));
                double sum = Arrays.stream(afterBoth).sum();
                Arrays.setAll(afterBoth, w -> afterBoth[w] / sum);
            }
        }
        return new Source(next, random);
    }

    /** Documents of a fixed length whose tokens depend on the two before them. */
    private record Source(double[][][] next, Random random) {
        List<int[]> documents(int count, int length) {
            List<int[]> documents = new ArrayList<>();
            for (int d = 0; d < count; d++) {
                int[] document = new int[length];
                int u = END;
                int v = END;
                for (int i = 0; i < length; i++) {
                    document[i] = draw(next[u][v]);
                    u = v;
                    v = document[i];
                }
                documents.add(document);
            }
            return documents;
        }

        /** Of the tokens, and of the end: for all a model knows, any token but the first may be it. */
        double bitsPerToken(List<int[]> documents) {
            double bits = 0;
            long tokens = 0;
            for (int[] document : documents) {
                int u = END;
                int v = END;
                for (int w : document) {
                    bits -= log2((v == END ? 1 : 1 - 1.0 / document.length) * next[u][v][w]);
                    u = v;
                    v = w;
                }
                bits -= log2(1.0 / document.length);
                tokens += document.length + 1;
            }
            return bits / tokens;
        }

        private int draw(double[] probabilities) {
            double left = random.nextDouble();
            for (int w = 1; w < probabilities.length; w++) {
                left -= probabilities[w];
                if (left < 0) {
                    return w;
                }
            }
            return probabilities.length - 1;
        }

        private static double log2(double value) {
            return Math.log(value) / Math.log(2);
        }
    }

    /** Modified Kneser-Ney straight from its formulas, with maps of lists. */
    private static final class Definition {
        private final int vocabulary;
        private final List<Map<List<Integer>, Integer>> counts =
                List.of(new HashMap<>(), new HashMap<>(), new HashMap<>());

        Definition(int vocabulary, List<int[]> texts) {
            this.vocabulary = vocabulary;
            for (int[] text : texts) {
                List<Integer> padded = new ArrayList<>(List.of(END, END));
                Arrays.stream(text).forEach(padded::add);
                padded.add(END);
                for (int i = 2; i < padded.size(); i++) {
                    counts.get(2).merge(List.copyOf(padded.subList(i - 2, i + 1)), 1, Integer::sum);
                }
            }
            for (int length = 1; length <= 2; length++) {
                Set<List<Integer>> longer = new HashSet<>();
                for (List<Integer> trigram : counts.get(2).keySet()) {
                    longer.add(trigram.subList(2 - length, 3));
                }
                for (List<Integer> ngram : longer) {
                    counts.get(length - 1).merge(ngram.subList(1, ngram.size()), 1, Integer::sum);
                }
            }
        }

        double probability(List<Integer> history, int w) {
            double shorter = history.isEmpty() ? 1.0 / vocabulary : probability(history.subList(1, history.size()), w);
            Map<List<Integer>, Integer> level = counts.get(history.size());
            double total = 0;
            double kept = 0;
            for (Map.Entry<List<Integer>, Integer> ngram : level.entrySet()) {
                if (ngram.getKey().subList(0, history.size()).equals(history)) {
                    total += ngram.getValue();
                    kept += discount(level, ngram.getValue());
                }
            }
            if (total == 0) {
                return shorter;
            }
            List<Integer> whole = new ArrayList<>(history);
            whole.add(w);
            int count = level.getOrDefault(whole, 0);
            return (count - discount(level, count) + kept * shorter) / total;
        }

        private static double discount(Map<List<Integer>, Integer> level, int count) {
            if (count == 0) {
                return 0;
            }
            double[] ofCount = new double[5];
            level.values().forEach(each -> ofCount[Math.min(each, 5) % 5]++);
            int k = Math.min(count, 3);
            double y = ofCount[1] / (ofCount[1] + 2 * ofCount[2]);
            double estimate = k - (k + 1) * y * ofCount[k + 1] / ofCount[k];
            return estimate > 0 && estimate < k ? estimate : k / 2.0;
        }
    }
}
