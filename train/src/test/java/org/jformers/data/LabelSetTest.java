package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LabelSetTest {

    @Test
    void ordersIntegersByValueAndKeepsThemAsTheyAreWritten() {
        Table table = table("10", "2", "01", "1", "-1", "2");

        LabelSet labels = LabelSet.ofColumn(table, "label");

        assertThat(labels.labels()).containsExactly("-1", "01", "1", "2", "10");
        assertThat(labels.ids(table, "label")).containsExactly(4, 3, 1, 2, 0, 3);
    }

    @Test
    void ordersOtherLabelsByCharactersAsPythonDoes() {
        // U+1F600 is behind U+FF21, though the first half of its pair of surrogates is before it.
        assertThat(LabelSet.ofColumn(table("b", "B", "10", "2", "😀", "Ａ", "O", "I-PER", "B-PER"), "label").labels())
                .containsExactly("10", "2", "B", "B-PER", "I-PER", "O", "b", "Ａ", "😀");
    }

    @Test
    void takesTheOrderOfAModel() {
        LabelSet labels = LabelSet.of(List.of("positive", "negative"));

        assertThat(labels.ids(table("negative", "positive"), "label")).containsExactly(1, 0);
        assertThat(labels.contains(LabelSet.of(List.of("negative")))).isTrue();
        assertThat(labels.contains(LabelSet.of(List.of("negative", "neutral")))).isFalse();
        assertThatThrownBy(() -> LabelSet.of(List.of("a", "b", "a"))).hasMessage(
                "labels: got a, b, a, allowed: each once");
    }

    @Test
    void namesTheRowOfALabelThatTheMappingLacks() {
        LabelSet labels = LabelSet.of(List.of("negative", "neutral", "positive"));
        Table table = new Table("dev.tsv", Map.of("label", List.of("neutral", "positiv")), new long[] {1, 17},
                Map.of());

        assertThatThrownBy(() -> labels.ids(table, "label")).isInstanceOf(DataException.class).hasMessage(
                "dev.tsv: row 17: label \"positiv\" is unknown, allowed: negative, neutral, positive;"
                        + " nearest: positive");
    }

    @Test
    void namesTheFirstOfManyLabelsAndCountsTheRest() {
        String[] many = new String[30];
        Arrays.setAll(many, Integer::toString);
        LabelSet labels = LabelSet.ofColumn(table(many), "label");

        assertThatThrownBy(() -> labels.id("x\n", () -> "here")).hasMessage("here: label \"x\\n\" is unknown, allowed:"
                + " 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 10 more");
    }

    @Test
    void refusesASingleClass() {
        assertThatThrownBy(() -> LabelSet.ofColumn(table("yes", "yes"), "label")).isInstanceOf(DataException.class)
                .hasMessage("train.tsv: column \"label\" has one class only, \"yes\" in all 2 rows, allowed: two or"
                        + " more");
    }

    @Test
    void readsSetsOfLabels() {
        Table table = table("sad; angry", "", "happy;", "angry;angry ;sad", " ");

        LabelSet labels = LabelSet.ofColumn(table, "label", ";");

        assertThat(labels.labels()).containsExactly("angry", "happy", "sad");
        assertThat(labels.idSets(table, "label", ";")).isDeepEqualTo(new int[][] {{0, 2}, {}, {1}, {0, 2}, {}});
        assertThat(LabelSet.ofColumn(table("a||b", "a|c"), "label", "||").labels()).containsExactly("a", "a|c", "b");
        Table lists = table("[\"a;b\", \"c\"]", "[]", "[x] ; d", "[1]");
        assertThat(LabelSet.ofColumn(lists, "label", ";").labels()).containsExactly("1", "[x]", "a;b", "c", "d");
        assertThatThrownBy(() -> LabelSet.ofColumn(table("a", "[null]"), "label", ";")).hasMessage(
                "train.tsv: row 2: label: element 1 is null, allowed: text");
        assertThatThrownBy(() -> LabelSet.ofColumn(table("", " "), "label", ";")).hasMessage(
                "train.tsv: column \"label\" has no labels, allowed: one or more in all rows");
        assertThatThrownBy(() -> LabelSet.ofColumn(table, "label", "")).hasMessage(
                "separator of labels: got an empty text, allowed at least one character");
    }

    private static Table table(String... labels) {
        return Table.of("train.tsv", Map.of("label", List.of(labels)));
    }
}
