package org.jformers.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {
    private static final List<String> NAMES =
            List.of("g2p.cmudict", "lm.wordnet", "mt.multi30k.en-de", "mt.multi30k.de-en");

    @Test
    void findsTypingErrors() {
        assertThat(Nearest.to("g2p.cmudcit", NAMES)).containsExactly("g2p.cmudict");
        assertThat(Nearest.to("LM.WORDNET", NAMES)).containsExactly("lm.wordnet");
    }

    @Test
    void findsNamesWithoutTheirPrefix() {
        assertThat(Nearest.to("wordnet", NAMES)).containsExactly("lm.wordnet");
    }

    @Test
    void namesRivals() {
        assertThat(Nearest.to("mt.multi30k", NAMES)).containsExactly("mt.multi30k.de-en", "mt.multi30k.en-de");
    }

    @Test
    void saysNothingWhenNothingIsNear() {
        assertThat(Nearest.to("quux", NAMES)).isEmpty();
        assertThat(Nearest.hint("quux", NAMES)).isEmpty();
        assertThat(Nearest.to("x", List.of())).isEmpty();
    }
}
