package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tokens from 100 on are times, two frames each. */
final class SpeechPassTest {
    private static final int FIRST = 100;

    @Test
    void takesAllWhereNoTwoTimesAreBesideEachOther() {
        SpeechPass pass = SpeechPass.of(new int[] {100, 1, 2, 110}, FIRST, 60);
        assertThat(pass.stretches()).containsExactly(new int[] {100, 1, 2, 110});
        assertThat(pass.frames()).isEqualTo(60);
        assertThat(SpeechPass.of(new int[0], FIRST, 60).frames()).isEqualTo(60);
        assertThat(SpeechPass.of(new int[] {7}, FIRST, 60).stretches()).containsExactly(new int[] {7});
    }

    @Test
    void leavesWhatNoTimeEndsToTheNextPass() {
        SpeechPass pass = SpeechPass.of(new int[] {100, 1, 110, 110, 2, 115, 116, 3}, FIRST, 60);
        assertThat(pass.stretches()).containsExactly(new int[] {100, 1, 110}, new int[] {110, 2, 115, 116});
        assertThat(pass.frames()).isEqualTo(30);
    }

    @Test
    void keepsTheLastStretchThatOneTimeEnds() {
        SpeechPass pass = SpeechPass.of(new int[] {100, 1, 110, 110, 2, 120}, FIRST, 60);
        assertThat(pass.stretches()).containsExactly(new int[] {100, 1, 110}, new int[] {110, 2, 120});
        assertThat(pass.frames()).isEqualTo(60);
    }

    @Test
    void goesOnBehindAPassThatEndsWhereItBegan() {
        assertThat(SpeechPass.of(new int[] {100, 100, 1}, FIRST, 60).frames()).isEqualTo(60);
    }
}
