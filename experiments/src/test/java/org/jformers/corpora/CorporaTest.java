package org.jformers.corpora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.data.Table;
import org.junit.jupiter.api.Test;

final class CorporaTest {

    @Test
    void readsTheWholePronouncingLexicon() {
        Table lexicon = Table.read(new CmuLexicon().source(), "word", "phonemes");

        assertThat(lexicon.size()).isEqualTo(105_217);
        assertThat(lexicon.dropped()).isZero();
        assertThat(Set.copyOf(lexicon.column("word"))).hasSize(105_217);
        Set<String> symbols = new TreeSet<>();
        lexicon.column("phonemes").forEach(phonemes -> symbols.addAll(List.of(phonemes.split(" "))));
        assertThat(symbols).hasSize(41).contains("'", "@", "r=", "tS").doesNotContain("-", "");
        int abacus = lexicon.column("word").indexOf("abacus");
        assertThat(lexicon.column("phonemes").get(abacus)).isEqualTo("' { b @ k @ s");
        assertThat(CmuLexicon.copying()).contains("CMUDICT", "University of Edinburgh");
    }

    @Test
    void readsTheSynsetsOfWordNet() {
        Table wordNet = Table.read(new WordNet().source(), "synset", "text");

        assertThat(wordNet.size()).isEqualTo(117_791);
        assertThat(Set.copyOf(wordNet.column("synset"))).hasSize(117_791);
        assertThat(text(wordNet, "00001740n")).isEqualTo("entity: that which is perceived or known or inferred to have "
                + "its own distinct existence (living or nonliving)");
        assertThat(text(wordNet, "00019769s")).isEqualTo("handy, ready to hand: easy to reach; "
                + "\"found a handy spot for the can opener\"");
        assertThat(new WordNet().source().licence()).startsWith("This software and database is being provided to you")
                .contains("Princeton University");
    }

    private static String text(Table wordNet, String synset) {
        return wordNet.column("text").get(wordNet.column("synset").indexOf(synset));
    }
}
