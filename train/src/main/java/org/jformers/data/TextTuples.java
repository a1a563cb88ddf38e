package org.jformers.data;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Texts that belong together, such as a question, its answer, and answers that are none: the examples of sentence
 * embeddings. Immutable.
 *
 * <p>A batch has the fields of {@link EncodedTexts} for the texts of its rows one column after another: all first
 * texts, all second ones, and so on, then those that {@link Negatives} add; and {@code labels}, numbers [B], where the
 * rows have scores.
 */
public final class TextTuples implements BatchedExamples {
    private final EncodedTexts texts;
    private final int[][] rows;
    private final Optional<float[]> scores;
    private final Meeting meeting;
    private final Negatives negatives;
    private final int rowsPerBatch;

    /** Which rows may be in one batch. */
    public enum Meeting {
        /** Any. */
        ANY,
        /**
         * No two that have a text in common, which would stand against itself: a row waits for the next batch in which
         * it has none. So does the {@code no_duplicates} sampler of sentence-transformers 6.0.
         */
        NO_DUPLICATES
    }

    /** Further texts that a row is to be held apart from. */
    @FunctionalInterface
    public interface Negatives {
        /** No texts. */
        Negatives NONE = (row, epoch) -> new int[0];

        /** Numbers of texts for a row in an epoch; on any thread. */
        int[] of(int row, long epoch);
    }

    private TextTuples(EncodedTexts texts, int[][] rows, Optional<float[]> scores, Meeting meeting,
            Negatives negatives, int rowsPerBatch) {
        this.texts = texts;
        this.rows = rows;
        this.scores = scores;
        this.meeting = meeting;
        this.negatives = negatives;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Rows of texts.
     *
     * @param texts the texts
     * @param rows for each row the numbers of its texts, as many in each
     * @param rowsPerBatch rows of a batch
     */
    public static TextTuples of(EncodedTexts texts, int[][] rows, Meeting meeting, int rowsPerBatch) {
        if (rows.length == 0 || rowsPerBatch < 1) {
            throw new DataException("rows of texts: got " + rows.length + " in batches of " + rowsPerBatch
                    + ", allowed one or more in batches of one or more");
        }
        return new TextTuples(texts, rows, Optional.empty(), meeting, Negatives.NONE, rowsPerBatch);
    }

    /** The same with a number for each row. */
    public TextTuples withScores(float[] values) {
        if (values.length != rows.length) {
            throw new DataException("rows of texts: got " + values.length + " scores for " + rows.length
                    + " rows, allowed one for each");
        }
        return new TextTuples(texts, rows, Optional.of(values), meeting, negatives, rowsPerBatch);
    }

    /** The same with texts that others find; those that a batch has already are not added to it again. */
    public TextTuples withNegatives(Negatives found) {
        return new TextTuples(texts, rows, scores, meeting, found, rowsPerBatch);
    }

    /** Number of rows. */
    public int size() {
        return rows.length;
    }

    /** Number of tokens of the longest text of row {@code i}. */
    public int length(int i) {
        return texts.longest(rows[i]);
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return plan(EpochPlan.shuffled(rows.length, seed, epoch));
    }

    /** The rows in their own order, since what a row is compared with is the rest of its batch. */
    @Override
    public EpochPlan evaluation() {
        return plan(IntStream.range(0, rows.length).toArray());
    }

    private EpochPlan plan(int[] order) {
        int[][] batches = meeting == Meeting.ANY
                ? EpochPlan.cut(order, rowsPerBatch).batches()
                : EpochPlan.apart(order, rows, rowsPerBatch);
        long tokens = Arrays.stream(rows).flatMapToInt(Arrays::stream).mapToLong(texts::length).sum();
        long cells = Arrays.stream(batches).mapToLong(batch -> {
            int[] all = columns(batch);
            return (long) all.length * texts.longest(all);
        }).sum();
        return new EpochPlan(batches, tokens, cells);
    }

    private int[] columns(int[] batch) {
        int columns = rows[batch[0]].length;
        return IntStream.range(0, columns)
                .flatMap(column -> Arrays.stream(batch).map(row -> rows[row][column]))
                .toArray();
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        int[] given = columns(examples);
        Set<Integer> known = new HashSet<>();
        Arrays.stream(given).forEach(known::add);
        int[] added = Arrays.stream(examples)
                .flatMap(row -> Arrays.stream(negatives.of(row, draw.epoch())))
                .filter(known::add)
                .toArray();
        Map<String, Batch.Field> fields =
                texts.fields(IntStream.concat(Arrays.stream(given), Arrays.stream(added)).toArray());
        scores.ifPresent(values -> {
            float[] chosen = new float[examples.length];
            IntStream.range(0, chosen.length).forEach(row -> chosen[row] = values[examples[row]]);
            fields.put("labels", new Batch.Floats(chosen, examples.length));
        });
        return new Batch(fields, examples.length, examples.length, position);
    }
}
