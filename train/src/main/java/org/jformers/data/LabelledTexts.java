package org.jformers.data;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.TextInput;

/**
 * Texts, or pairs of texts, each with its labels: the examples of classification and regression.
 *
 * <p>An epoch has every example once, in random order, in batches of a fixed number, of which the last may be smaller;
 * an evaluation has them from short to long, so that little is padding ({@link EpochPlan#order} says which came when).
 *
 * <p>A batch has the fields {@code input_ids} [B, T], {@code attention_mask} [B, T] (1 at tokens, 0 at padding), {@code
 * token_type_ids} [B, T] where the model reads them, and {@code labels}, see {@link Labels}. T is the longest of the
 * batch.
 */
public final class LabelledTexts implements BatchedExamples {
    private final TokenRows rows;
    private final Labels labels;
    private final int rowsPerBatch;

    /** What is said of each text. */
    public sealed interface Labels {
        /** Number of examples. */
        int size();

        /** The field {@code labels} of some examples. */
        Batch.Field of(int[] examples);
    }

    /**
     * One class for each text; {@code labels} are integers [B].
     *
     * @param ids its number
     */
    public record Classes(int[] ids) implements Labels {
        @Override
        public int size() {
            return ids.length;
        }

        @Override
        public Batch.Longs of(int[] examples) {
            return new Batch.Longs(Arrays.stream(examples).mapToLong(i -> ids[i]).toArray(), examples.length);
        }
    }

    /**
     * Any number of classes for each text; {@code labels} are numbers [B, L], 1 at classes that it has and 0 elsewhere.
     *
     * @param ids numbers of the classes that it has
     * @param classes L, how many there are
     */
    public record ClassSets(int[][] ids, int classes) implements Labels {
        @Override
        public int size() {
            return ids.length;
        }

        @Override
        public Batch.Floats of(int[] examples) {
            float[] values = new float[examples.length * classes];
            for (int row = 0; row < examples.length; row++) {
                for (int id : ids[examples[row]]) {
                    values[row * classes + id] = 1;
                }
            }
            return new Batch.Floats(values, examples.length, classes);
        }
    }

    /**
     * A number for each text; {@code labels} are numbers [B].
     *
     * @param values the number
     */
    public record Numbers(float[] values) implements Labels {
        @Override
        public int size() {
            return values.length;
        }

        @Override
        public Batch.Floats of(int[] examples) {
            float[] batch = new float[examples.length];
            IntStream.range(0, batch.length).forEach(row -> batch[row] = values[examples[row]]);
            return new Batch.Floats(batch, examples.length);
        }
    }

    /**
     * A share of one class for each text; {@code labels} are numbers [B, 1], to which a binary cross-entropy compares.
     *
     * @param values the share, from 0 to 1
     */
    public record Shares(float[] values) implements Labels {
        @Override
        public int size() {
            return values.length;
        }

        @Override
        public Batch.Floats of(int[] examples) {
            return new Batch.Floats(new Numbers(values).of(examples).values(), examples.length, 1);
        }
    }

    private LabelledTexts(TokenRows rows, Labels labels, int rowsPerBatch) {
        if (rows.size() != labels.size()) {
            throw new DataException("labelled texts: got " + labels.size() + " labels for " + rows.size()
                    + " texts, allowed: one for each");
        }
        if (rowsPerBatch < 1) {
            throw new DataException("labelled texts: got " + rowsPerBatch + " examples per batch, allowed >= 1");
        }
        this.rows = rows;
        this.labels = labels;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Encodes texts on all cores.
     *
     * @param rowsPerBatch number of examples per batch
     */
    public static LabelledTexts of(List<TextInput> texts, Labels labels, RowEncoding encoding, int rowsPerBatch) {
        return new LabelledTexts(TokenRows.of(texts, encoding), labels, rowsPerBatch);
    }

    /** The texts of a column, or of two that make pairs. */
    public static List<TextInput> texts(Table table, String text, Optional<String> pair) {
        List<String> first = table.column(text);
        Optional<List<String>> second = pair.map(table::column);
        return IntStream.range(0, table.size())
                .mapToObj(i -> new TextInput(first.get(i), second.map(values -> values.get(i))))
                .toList();
    }

    /** Number of examples. */
    public int size() {
        return rows.size();
    }

    /** Number of tokens of example {@code i}, special ones included. */
    public int length(int i) {
        return rows.length(i);
    }

    /** How many texts were cut to the maximum length. */
    public long truncated() {
        return rows.truncated();
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return rows.shuffled(seed, epoch, rowsPerBatch);
    }

    @Override
    public EpochPlan evaluation() {
        return rows.byLength(rowsPerBatch);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Map<String, Batch.Field> fields = rows.fields(examples);
        fields.put("labels", labels.of(examples));
        return new Batch(fields, examples.length, examples.length, position);
    }
}
