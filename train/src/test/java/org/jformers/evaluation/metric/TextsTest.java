package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Where the reference tools' rules differ from Java's; expected values are CPython's. */
final class TextsTest {
    @Test
    void splitsAtUnicodeWhiteSpace() {
        assertThat(Texts.words("\u00a0a\u3000b\u2003c\u001cd\u0085e\u2028f\tg "))
                .containsExactly("a", "b", "c", "d", "e", "f", "g");
        assertThat(Texts.words("a\u200bb\ufeffc")).containsExactly("a\u200bb\ufeffc");
        assertThat(Texts.words(" \u00a0")).isEmpty();
    }

    @Test
    void lowersSigmaByItsPlaceInTheWord() {
        assertThat(Texts.lower("ΟΔΟΣ ΟΔΟΣ. ΣΑΣ Σ ΑΣ'Α ΑΣ1Α 𝔘Σ İΣ")).isEqualTo("οδος οδος. σας σ ασ'α ας1α 𝔘ς i̇ς");
        assertThat(Texts.lower("ÄẞǅI")).isEqualTo("äßǆi");
    }

    @Test
    void roundsTheExactValueHalfToEven() {
        assertThat(Texts.fixed(0.125, 2)).isEqualTo("0.12");
        assertThat(Texts.fixed(2.675, 2)).isEqualTo("2.67");
        assertThat(Texts.fixed(0.375, 2)).isEqualTo("0.38");
        assertThat(Texts.fixed(100, 1)).isEqualTo("100.0");
    }
}
