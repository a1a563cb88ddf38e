package org.jformers.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.TextInput;

/**
 * Questions with choices as rows of tokens: the examples of multiple choice. Each choice makes a row with its question.
 *
 * <p>A batch has the fields of {@link LabelledTexts} as [B, N, T], N being the most choices of one of its questions,
 * {@code labels} [B], and, where a question has fewer choices, {@code choice_mask} [B, N], which is 1 at choices. In
 * the place of a choice that is not there stands the first one.
 */
public final class ChoiceTexts implements BatchedExamples {
    private final TokenRows rows;
    /** The rows of question i are those from begins[i] to begins[i + 1]. */
    private final int[] begins;
    private final int[] right;
    private final int questionsPerBatch;

    private ChoiceTexts(TokenRows rows, int[] begins, int[] right, int questionsPerBatch) {
        if (questionsPerBatch < 1) {
            throw new DataException("multiple choice: got " + questionsPerBatch
                    + " questions per batch, allowed >= 1");
        }
        this.rows = rows;
        this.begins = begins;
        this.right = right;
        this.questionsPerBatch = questionsPerBatch;
    }

    /**
     * Encodes questions on all cores.
     *
     * @param choices for each question its choices, each with the question
     * @param right which of the choices is right
     * @param questionsPerBatch number of questions per batch
     */
    public static ChoiceTexts of(
            List<List<TextInput>> choices, int[] right, RowEncoding encoding, int questionsPerBatch) {
        if (choices.size() != right.length) {
            throw new DataException("multiple choice: got " + right.length + " labels for " + choices.size()
                    + " questions, allowed: one for each");
        }
        int[] begins = new int[right.length + 1];
        IntStream.range(0, right.length).forEach(i -> begins[i + 1] = begins[i] + choices.get(i).size());
        return new ChoiceTexts(TokenRows.of(choices.stream().flatMap(List::stream).toList(), encoding), begins, right,
                questionsPerBatch);
    }

    /** Number of questions. */
    public int size() {
        return right.length;
    }

    /** Number of rows: of questions with a choice. */
    public int rows() {
        return rows.size();
    }

    /** Number of tokens of row {@code i}, special ones included. */
    public int length(int i) {
        return rows.length(i);
    }

    /** How many rows were cut to the maximum length. */
    public long truncated() {
        return rows.truncated();
    }

    private int choices(int question) {
        return begins[question + 1] - begins[question];
    }

    private int longest(int question) {
        return rows.longest(IntStream.range(begins[question], begins[question + 1]).toArray());
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return plan(EpochPlan.shuffled(size(), seed, epoch));
    }

    @Override
    public EpochPlan evaluation() {
        return plan(IntStream.range(0, size()).boxed().sorted(Comparator.comparingInt(this::longest))
                .mapToInt(Integer::intValue).toArray());
    }

    private EpochPlan plan(int[] order) {
        int[][] batches = EpochPlan.batches(order, questionsPerBatch);
        long cells = 0;
        for (int[] batch : batches) {
            cells += (long) batch.length * mostChoices(batch)
                    * Arrays.stream(batch).map(this::longest).max().orElse(0);
        }
        return new EpochPlan(batches, rows.tokens(), cells);
    }

    private int mostChoices(int[] questions) {
        return Arrays.stream(questions).map(this::choices).max().orElse(0);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        int most = mostChoices(examples);
        int[] places = new int[examples.length * most];
        long[] there = new long[places.length];
        for (int place = 0; place < places.length; place++) {
            int question = examples[place / most];
            boolean real = place % most < choices(question);
            places[place] = begins[question] + (real ? place % most : 0);
            there[place] = real ? 1 : 0;
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        rows.fields(places).forEach((name, field) -> {
            Batch.Longs flat = (Batch.Longs) field;
            fields.put(name, new Batch.Longs(flat.values(), examples.length, most, flat.shape()[1]));
        });
        if (Arrays.stream(there).anyMatch(real -> real == 0)) {
            fields.put("choice_mask", new Batch.Longs(there, examples.length, most));
        }
        fields.put("labels", new LabelledTexts.Classes(right).of(examples));
        return new Batch(fields, examples.length, examples.length, position);
    }
}
