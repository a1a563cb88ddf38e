package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.data.Split.Share;
import org.junit.jupiter.api.Test;

final class SplitTest {

    @Test
    void holdsOutExactlySoManyKeysAndKeepsTheirRowsTogether() {
        Split split = Split.of(words(1000), "word", Share.count(30), Share.count(50), 7);

        Set<String> train = Set.copyOf(new HashSet<>(split.train().column("word")));
        Set<String> validation = new HashSet<>(split.validation().column("word"));
        Set<String> test = new HashSet<>(split.test().column("word"));
        assertThat(List.of(train.size(), validation.size(), test.size())).containsExactly(920, 30, 50);
        assertThat(train).doesNotContainAnyElementsOf(validation).doesNotContainAnyElementsOf(test);
        assertThat(validation).doesNotContainAnyElementsOf(test);
        assertThat(List.of(split.train().size(), split.validation().size(), split.test().size()))
                .containsExactly(1840, 60, 100);
    }

    @Test
    void takesFractions() {
        Split split = Split.of(words(1000), "word", Share.fraction(0), Share.fraction(0.1), 7);

        assertThat(split.test().size()).isEqualTo(200);
        assertThat(split.validation().size()).isZero();
        assertThat(split.train().size()).isEqualTo(1800);
    }

    @Test
    void staysTheSameForEver() {
        assertThat(Split.of(words(20), "word", Share.count(2), Share.count(4), 1).test().column("word"))
                .containsExactly("w4", "w4", "w13", "w13", "w15", "w15", "w17", "w17");
    }

    @Test
    void dependsOnKeysAndSeedButNotOnTheOrderOfRows() {
        Table table = words(500);
        List<Integer> order = new ArrayList<>(IntStream.range(0, table.size()).boxed().toList());
        Collections.shuffle(order, new Random(3));
        Table shuffled = table.select(order.stream().mapToInt(Integer::intValue).toArray());
        Set<String> test = testWords(table, 1);

        assertThat(testWords(table, 1)).isEqualTo(test);
        assertThat(testWords(shuffled, 1)).isEqualTo(test);
        assertThat(testWords(table, 2)).isNotEqualTo(test);
    }

    @Test
    void rejectsPartsThatLeaveNothing() {
        assertThatThrownBy(() -> Split.of(words(10), "word", Share.count(5), Share.count(5), 1))
                .isInstanceOf(DataException.class)
                .hasMessage("split: 5 test and 5 validation values of word leave nothing to train on, words has 10");
        assertThatThrownBy(() -> Share.count(-1)).isInstanceOf(DataException.class);
        assertThatThrownBy(() -> Share.fraction(1)).isInstanceOf(DataException.class);
        assertThatThrownBy(() -> Split.of(words(10), "key", Share.count(1), Share.count(1), 1))
                .hasMessage("words: no column \"key\", there are: word, row");
    }

    private static Set<String> testWords(Table table, long seed) {
        return new HashSet<>(Split.of(table, "word", Share.count(10), Share.count(100), seed).test().column("word"));
    }

    /** Each word in two rows. */
    private static Table words(int count) {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put("word", IntStream.range(0, 2 * count).mapToObj(i -> "w" + i / 2).toList());
        columns.put("row", IntStream.range(0, 2 * count).mapToObj(String::valueOf).toList());
        return Table.of("words", columns);
    }
}
