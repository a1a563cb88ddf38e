package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SharedTokensTest {
    private static int[] joined(int[]... sequences) {
        return SharedTokens.joined(List.of(sequences));
    }

    @Test
    void joinsWhereTheEndOfOneIsTheBeginningOfTheNext() {
        assertThat(joined(new int[] {1, 2, 3, 4}, new int[] {3, 4, 5}, new int[] {4, 5, 6, 7}))
                .containsExactly(1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void trustsEachInItsOwnHalfOfWhatTheyShare() {
        assertThat(joined(new int[] {1, 2, 3, 9, 5}, new int[] {2, 8, 3, 4, 5, 6})).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(joined(new int[] {1, 2, 3, 4, 9}, new int[] {2, 3, 4, 5, 6})).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void putsOneBehindTheOtherWhereTheyShareLessThanTwo() {
        assertThat(joined(new int[] {1, 2, 3}, new int[] {3, 4})).containsExactly(1, 2, 3, 3, 4);
        assertThat(joined(new int[0], new int[] {3, 4}, new int[0])).containsExactly(3, 4);
        assertThat(joined(new int[] {1})).containsExactly(1);
    }
}
