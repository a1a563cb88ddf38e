package org.jformers.data;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jformers.VisibleText;
import org.jformers.settings.Nearest;

/**
 * The classes of a task: their labels as the data writes them, and a number for each, from 0. What is {@code id2label}
 * in a model's {@code config.json}.
 */
public final class LabelSet {
    /** As Python sorts text. */
    private static final Comparator<String> BY_CHARACTERS = (a, b) ->
            Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    private static final Comparator<String> BY_VALUE =
            Comparator.<String>comparingLong(Long::parseLong).thenComparing(BY_CHARACTERS);
    private static final String INTEGER = "[+-]?[0-9]{1,18}";

    private final List<String> labels;
    private final Map<String, Integer> ids = new HashMap<>();

    private LabelSet(List<String> labels) {
        this.labels = List.copyOf(labels);
        this.labels.forEach(label -> ids.put(label, ids.size()));
        if (ids.size() < labels.size()) {
            throw new DataException("labels: got " + shown(labels) + ", allowed: each once");
        }
    }

    /** Labels in the order of their numbers, such as those that a model was trained with. */
    public static LabelSet of(List<String> labels) {
        return new LabelSet(labels);
    }

    /** The labels among the values: in order of number where all are integers, otherwise of their characters. */
    static LabelSet found(Collection<String> values) {
        Set<String> distinct = new LinkedHashSet<>(values);
        boolean integers = distinct.stream().allMatch(label -> label.matches(INTEGER));
        return new LabelSet(distinct.stream().sorted(integers ? BY_VALUE : BY_CHARACTERS).toList());
    }

    /**
     * The labels that a column holds, one in each row.
     *
     * @throws DataException if all rows have the same one
     */
    public static LabelSet ofColumn(Table table, String column) {
        List<String> values = table.column(column);
        LabelSet labels = found(values);
        if (labels.size() < 2) {
            throw new DataException(String.format(Locale.ROOT,
                    "%s: column \"%s\" has one class only, \"%s\" in all %,d rows, allowed: two or more",
                    table.name(), column, VisibleText.line(values.get(0)), values.size()));
        }
        return labels;
    }

    /**
     * The labels that a column holds, any number in each row: lists, as JSON lines and Parquet may have them, or texts.
     *
     * @param separator what stands between two labels of a text
     * @throws DataException if no row has any
     */
    public static LabelSet ofColumn(Table table, String column, String separator) {
        LabelSet labels = found(IntStream.range(0, table.size())
                .boxed()
                .flatMap(row -> parts(table, column, row, separator).stream())
                .distinct()
                .toList());
        if (labels.size() == 0) {
            throw new DataException(
                    table.name() + ": column \"" + column + "\" has no labels, allowed: one or more in all rows");
        }
        return labels;
    }

    /**
     * The tags of the words of sentences.
     *
     * @throws DataException if all words have the same one
     */
    public static LabelSet ofTags(TaggedSentences sentences) {
        LabelSet labels = found(sentences.tags().stream().flatMap(List::stream).distinct().toList());
        if (labels.size() < 2) {
            throw new DataException(String.format(Locale.ROOT,
                    "%s: one tag only, \"%s\" at all %,d words, allowed: two or more",
                    sentences.name(), VisibleText.line(labels.labels.get(0)), sentences.wordCount()));
        }
        return labels;
    }

    /** The labels in the order of their numbers. */
    public List<String> labels() {
        return labels;
    }

    /** How many there are. */
    public int size() {
        return labels.size();
    }

    /** Whether each of those labels is one of these. */
    public boolean contains(LabelSet other) {
        return ids.keySet().containsAll(other.labels);
    }

    /**
     * The number of a label.
     *
     * @param where names the place in the data, with which the message begins
     * @throws DataException for a label that is not among these, naming those there are
     */
    public int id(String label, Supplier<String> where) {
        Integer id = ids.get(label);
        if (id == null) {
            throw new DataException(where.get() + ": label \"" + VisibleText.line(label) + "\" is unknown, allowed: "
                    + shown(labels) + Nearest.hint(label, labels));
        }
        return id;
    }

    /** The number of the label in each row of a column. */
    public int[] ids(Table table, String column) {
        List<String> values = table.column(column);
        int[] numbers = new int[values.size()];
        Arrays.setAll(numbers, row -> id(values.get(row), () -> table.row(row)));
        return numbers;
    }

    /**
     * The numbers of the labels in each row of a column, ascending; an empty field has none.
     *
     * @param separator what stands between two labels where they are a text; blanks around labels do not count
     */
    public int[][] idSets(Table table, String column, String separator) {
        int[][] numbers = new int[table.size()][];
        Arrays.setAll(numbers, row -> parts(table, column, row, separator).stream()
                .mapToInt(label -> id(label, () -> table.row(row)))
                .distinct()
                .sorted()
                .toArray());
        return numbers;
    }

    /** The numbers of the tags of each sentence's words. */
    public int[][] ids(TaggedSentences sentences) {
        int[][] numbers = new int[sentences.size()][];
        Arrays.setAll(numbers, i -> {
            List<String> tags = sentences.tags().get(i);
            return IntStream.range(0, tags.size())
                    .map(word -> id(tags.get(word), () -> sentences.word(i, word)))
                    .toArray();
        });
        return numbers;
    }

    /** The labels of a row; none for blanks. */
    private static List<String> parts(Table table, String column, int row, String separator) {
        if (separator.isEmpty()) {
            throw new DataException("separator of labels: got an empty text, allowed at least one character");
        }
        String field = table.column(column).get(row).strip();
        return JsonList.elements(field, table.row(row) + ": " + column)
                .orElseGet(() -> List.of(field.split(Pattern.quote(separator))))
                .stream()
                .map(String::strip)
                .filter(label -> !label.isEmpty())
                .toList();
    }

    private static String shown(List<String> labels) {
        List<String> first = labels.subList(0, Math.min(DataSource.MOST_NAMED, labels.size()));
        return String.join(", ", first.stream().map(VisibleText::line).toList())
                + (first.size() < labels.size() ? " and " + (labels.size() - first.size()) + " more" : "");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelSet set && labels.equals(set.labels);
    }

    @Override
    public int hashCode() {
        return labels.hashCode();
    }

    /** The labels in order: {@code [negative, positive]}. */
    @Override
    public String toString() {
        return labels.toString();
    }
}
