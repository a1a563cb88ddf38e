package org.jformers.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jformers.data.DataException;
import org.jformers.data.EncodedTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.task.SentenceEmbedding.Data;

/**
 * Rows of texts that belong together, each text encoded once however often it occurs.
 *
 * @param texts the distinct texts
 * @param encoded the same as tokens
 * @param rows for each row the numbers of its texts: the first, the second, and those that it is held apart from
 * @param scores for each row how alike its first two texts are, in [-1, 1]; empty where nothing is said
 */
record SentenceRows(List<String> texts, EncodedTexts encoded, int[][] rows, Optional<float[]> scores) {

    /**
     * Encodes the rows of a table.
     *
     * @param highest by what scores are divided; empty for rows without
     * @param batch texts of a batch when they are embedded
     * @throws DataException naming a row whose score is no number, or beyond the highest
     */
    static SentenceRows of(Table table, Data data, OptionalDouble highest, RowEncoding encoding, int batch) {
        List<List<String>> columns = new ArrayList<>();
        columns(data).forEach(column -> columns.add(table.column(column)));
        Map<String, Integer> numbers = new LinkedHashMap<>();
        int[][] rows = new int[table.size()][];
        Arrays.setAll(rows, row -> columns.stream()
                .mapToInt(column -> numbers.computeIfAbsent(column.get(row), text -> numbers.size()))
                .toArray());
        List<String> texts = List.copyOf(numbers.keySet());
        Optional<float[]> scores = Optional.ofNullable(data.score())
                .filter(column -> highest.isPresent())
                .map(column -> scores(table, column, highest.getAsDouble()));
        return new SentenceRows(texts, EncodedTexts.of(texts, encoding, batch), rows, scores);
    }

    /** The columns of texts. */
    static List<String> columns(Data data) {
        List<String> columns = new ArrayList<>(List.of(data.text(), data.pair()));
        columns.addAll(data.negatives());
        return columns;
    }

    private static float[] scores(Table table, String column, double highest) {
        float[] scores = table.numbers(column);
        for (int i = 0; i < scores.length; i++) {
            float score = (float) (scores[i] / highest);
            if (!(score >= -1 && score <= 1)) {
                throw new DataException(table.row(i) + ": " + column + " is " + number(scores[i]) + ", allowed "
                        + number(-highest) + " to " + number(highest));
            }
            scores[i] = score;
        }
        return scores;
    }

    static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** Refuses scores other than 0 and 1. */
    void requireBinary(Table table, String column, String loss) {
        float[] values = scores.orElseThrow();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0 && values[i] != 1) {
                throw new DataException(table.row(i) + ": " + column + " is " + table.column(column).get(i)
                        + ", allowed 0 and the highest score for " + loss);
            }
        }
    }

    int size() {
        return rows.length;
    }

    /** Rows of three texts each: one for each of the texts that a row is held apart from. */
    int[][] triples() {
        return Arrays.stream(rows)
                .flatMap(row -> IntStream.range(2, row.length).mapToObj(i -> new int[] {row[0], row[1], row[i]}))
                .toArray(int[][]::new);
    }

    /** The same rows with further texts that each is held apart from. */
    SentenceRows withNegatives(int[][] more) {
        int[][] wider = new int[rows.length][];
        Arrays.setAll(wider, row ->
                IntStream.concat(Arrays.stream(rows[row]), Arrays.stream(more[row])).toArray());
        return new SentenceRows(texts, encoded, wider, scores);
    }
}
