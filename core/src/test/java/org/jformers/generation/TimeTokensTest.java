package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** A vocabulary of text 0 to 2, the end 3, the token without times 4, and times 5 to 9; the prompt is one token. */
final class TimeTokensTest {
    private static final float[] LEVEL = {9, 9, 9, 9, 9, 0, 0, 0, 0, 0};

    private static int[] allowed(float[] scores, long... written) {
        long[] ids = new long[written.length + 1];
        System.arraycopy(written, 0, ids, 1, written.length);
        return Scopes.get(() -> {
            float[] ruled = Tensors.toFloats(new TimeTokens(1, 3, 5, OptionalInt.of(2))
                    .process(new long[][] {ids}, Tensors.ofFloats(scores, 1, scores.length)));
            return IntStream.range(0, ruled.length).filter(i -> ruled[i] > Float.NEGATIVE_INFINITY).toArray();
        });
    }

    @Test
    void beginsWithAnEarlyTime() {
        assertThat(allowed(LEVEL)).containsExactly(5, 6, 7);
    }

    @Test
    void writesTextBehindTheFirstTimeAndBehindAPair() {
        assertThat(allowed(LEVEL, 6)).containsExactly(0, 1, 2, 3);
        assertThat(allowed(LEVEL, 6, 0, 7, 7)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void endsOrBeginsAnewBehindATimeThatEndsText() {
        assertThat(allowed(LEVEL, 6, 0, 7)).containsExactly(3, 7, 8, 9);
    }

    @Test
    void neverGoesBackInTime() {
        assertThat(allowed(LEVEL, 6, 0)).containsExactly(0, 1, 2, 3, 7, 8, 9);
        assertThat(allowed(LEVEL, 6, 0, 7, 7, 1)).containsExactly(0, 1, 2, 3, 8, 9);
    }

    @Test
    void writesATimeWhereTimesAreLikelierTogetherThanEveryOtherToken() {
        float[] scores = {1, 1, 1, 1, 1, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f};
        assertThat(allowed(scores, 6, 0)).containsExactly(7, 8, 9);
        assertThat(allowed(scores, 6, 0, 9, 9, 0)).containsExactly(0, 1, 2, 3);
    }
}
