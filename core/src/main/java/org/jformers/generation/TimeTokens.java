package org.jformers.generation;

import java.util.Arrays;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * Makes Whisper write times around what it hears: a text begins with one, they come in pairs except before the end and
 * never decrease, and one comes where they are likelier together than every other token. Source: arXiv:2212.04356, 2.3;
 * transformers 5.18, {@code WhisperTimeStampLogitsProcessor}.
 *
 * @param begin length of the prompt
 * @param end the end token; those of text are below it
 * @param first the token of 0 seconds, behind the one that says that there are no times
 * @param latest how many tokens behind {@code first} a text may begin at most
 */
record TimeTokens(int begin, int end, int first, OptionalInt latest) implements LogitsProcessor {

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        int vocabulary = Math.toIntExact(scores_BV.size(1));
        float[] scores = Tensors.toFloats(scores_BV);
        for (int row = 0; row < ids_BS.length; row++) {
            long[] written = Arrays.copyOfRange(ids_BS[row], begin, ids_BS[row].length);
            float[] own = Arrays.copyOfRange(scores, row * vocabulary, (row + 1) * vocabulary);
            rule(written, own);
            System.arraycopy(own, 0, scores, row * vocabulary, vocabulary);
        }
        return Tensors.ofFloats(scores, ids_BS.length, vocabulary);
    }

    private void rule(long[] written, float[] scores) {
        hide(scores, first - 1, first);
        boolean afterTime = written.length > 0 && written[written.length - 1] >= first;
        boolean afterPair = written.length < 2 || written[written.length - 2] >= first;
        if (afterTime && afterPair) {
            hide(scores, first, scores.length);
        } else if (afterTime) {
            hide(scores, 0, end);
        }
        Arrays.stream(written).filter(id -> id >= first).reduce((earlier, later) -> later).ifPresent(last -> {
            boolean again = afterTime && !afterPair; // the time at which one stretch ends may be that of the next
            hide(scores, first, Math.toIntExact(again ? last : last + 1));
        });
        if (written.length == 0) {
            hide(scores, 0, first);
            latest.ifPresent(most -> hide(scores, first + most + 1, scores.length));
        }
        if (timesAreLikeliest(scores)) {
            hide(scores, 0, first);
        }
    }

    private static void hide(float[] scores, int from, int to) {
        if (from < Math.min(to, scores.length)) {
            Arrays.fill(scores, from, Math.min(to, scores.length), Float.NEGATIVE_INFINITY);
        }
    }

    /** Whether the probability of all times together is above that of every other token. */
    private boolean timesAreLikeliest(float[] scores) {
        float other = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < Math.min(first, scores.length); i++) {
            other = Math.max(other, scores[i]);
        }
        double sum = 0;
        for (int i = first; i < scores.length; i++) {
            sum += Math.exp(scores[i] - (double) other);
        }
        return sum > 1; // NaN where nothing else may come: there is nothing left to hide then
    }
}
