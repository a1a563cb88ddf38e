package org.jformers.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.Side;

/**
 * Windows of contexts with their questions: the examples of question answering, already rows of tokens.
 *
 * <p>A batch has the fields of {@link LabelledTexts} without labels, and {@code start_positions} and {@code
 * end_positions} [B], the tokens with which the answer begins and ends; T, behind the row, where none is to be learned.
 */
public final class AnswerTexts implements BatchedExamples {
    private final TokenRows rows;
    private final Side side;
    private final int[] starts;
    private final int[] ends;
    private final int rowsPerBatch;

    /**
     * A window.
     *
     * @param ids its tokens
     * @param types their types
     * @param start the token with which the answer begins; -1 where none is to be learned
     * @param end the token with which it ends
     */
    public record Row(int[] ids, int[] types, int start, int end) {}

    private AnswerTexts(List<Row> windows, TokenRows rows, Side side, int rowsPerBatch) {
        if (rowsPerBatch < 1) {
            throw new DataException("answers: got " + rowsPerBatch + " windows per batch, allowed >= 1");
        }
        this.rows = rows;
        this.side = side;
        starts = windows.stream().mapToInt(Row::start).toArray();
        ends = windows.stream().mapToInt(Row::end).toArray();
        this.rowsPerBatch = rowsPerBatch;
    }

    /** @param rowsPerBatch number of windows per batch */
    public static AnswerTexts of(List<Row> windows, RowEncoding encoding, int rowsPerBatch) {
        List<TokenSequences> types = new ArrayList<>();
        if (encoding.tokenTypes()) {
            types.add(TokenSequences.of(windows, Row::types));
        }
        return new AnswerTexts(windows, new TokenRows(encoding, TokenSequences.of(windows, Row::ids), types, 0),
                encoding.padding().side(), rowsPerBatch);
    }

    /** Number of windows. */
    public int size() {
        return rows.size();
    }

    /** Number of tokens of window {@code i}, special ones included. */
    public int length(int i) {
        return rows.length(i);
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
        int length = rows.longest(examples);
        long[] first = new long[examples.length];
        long[] last = new long[examples.length];
        long answered = 0;
        for (int row = 0; row < examples.length; row++) {
            int example = examples[row];
            boolean learned = starts[example] >= 0;
            int before = side == Side.LEFT ? length - rows.length(example) : 0;
            first[row] = learned ? before + starts[example] : length;
            last[row] = learned ? before + ends[example] : length;
            answered += learned ? 1 : 0;
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>(rows.fields(examples));
        fields.put("start_positions", new Batch.Longs(first, examples.length));
        fields.put("end_positions", new Batch.Longs(last, examples.length));
        return new Batch(fields, examples.length, answered, position);
    }
}
