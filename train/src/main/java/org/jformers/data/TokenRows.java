package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Side;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Truncation;

/**
 * Rows of tokens, one for each example, that become batches filled to their longest row. Immutable.
 *
 * <p>A batch has the fields {@code input_ids} [B, T], {@code attention_mask} [B, T] (1 at tokens, 0 at padding) and, if
 * asked for, {@code token_type_ids} [B, T].
 */
final class TokenRows {
    private final RowEncoding encoding;
    private final TokenSequences ids;
    private final List<TokenSequences> types;
    private final long truncated;

    TokenRows(RowEncoding encoding, TokenSequences ids, List<TokenSequences> types, long truncated) {
        if (ids.size() == 0) {
            throw new DataException("rows of tokens: got no texts, allowed: one or more");
        }
        this.encoding = encoding;
        this.ids = ids;
        this.types = types;
        this.truncated = truncated;
    }

    static TokenRows of(List<TextInput> texts, RowEncoding encoding) {
        Truncation truncation = encoding.tokenizer().truncation(encoding.maxLength());
        LongAdder truncated = new LongAdder();
        List<TokenSequences> parts = TokenSequences.of(texts, encoding.tokenTypes() ? 2 : 1, text -> {
            Encoding row = text.second().isPresent()
                    ? encoding.tokenizer().encode(text.first(), text.second().get(), truncation)
                    : encoding.tokenizer().encode(text.first(), truncation);
            truncated.add(row.overflow().isEmpty() ? 0 : 1);
            return encoding.tokenTypes() ? new int[][] {row.ids(), row.typeIds()} : new int[][] {row.ids()};
        });
        return new TokenRows(encoding, parts.get(0), parts.subList(1, parts.size()), truncated.sum());
    }

    RowEncoding encoding() {
        return encoding;
    }

    int size() {
        return ids.size();
    }

    int length(int row) {
        return ids.length(row);
    }

    /** How many rows were cut. */
    long truncated() {
        return truncated;
    }

    /** Number of tokens of all rows. */
    long tokens() {
        return ids.tokens();
    }

    /** Length of the longest of the rows. */
    int longest(int[] rows) {
        return Arrays.stream(rows).map(ids::length).max().orElse(0);
    }

    /** Batches of so many rows in random order; the last one may have fewer. */
    EpochPlan shuffled(long seed, int epoch, int rowsPerBatch) {
        return plan(EpochPlan.shuffled(size(), seed, epoch), rowsPerBatch);
    }

    /** Batches of so many rows from short to long, equal lengths in their own order. */
    EpochPlan byLength(int rowsPerBatch) {
        long[] keys = LongStream.range(0, size()).map(row -> (long) length((int) row) << 32 | row).sorted().toArray();
        return plan(Arrays.stream(keys).mapToInt(key -> (int) key).toArray(), rowsPerBatch);
    }

    private EpochPlan plan(int[] order, int rowsPerBatch) {
        int[][] batches = EpochPlan.batches(order, rowsPerBatch);
        long cells = Arrays.stream(batches).mapToLong(batch -> (long) batch.length * longest(batch)).sum();
        return new EpochPlan(batches, ids.tokens(), cells);
    }

    /** The fields of a batch, to which its labels are added. */
    Map<String, Batch.Field> fields(int[] rows) {
        int length = longest(rows);
        long[] mask = new long[rows.length * length];
        List<Batch.Longs> filled = new ArrayList<>();
        filled.add(filled(ids, rows, length, encoding.padding().id()));
        types.forEach(sequences -> filled.add(filled(sequences, rows, length, encoding.padding().typeId())));
        for (int row = 0; row < rows.length; row++) {
            int from = from(row, ids.length(rows[row]), length);
            Arrays.fill(mask, from, from + ids.length(rows[row]), 1);
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", filled.get(0));
        fields.put("attention_mask", new Batch.Longs(mask, rows.length, length));
        if (!types.isEmpty()) {
            fields.put("token_type_ids", filled.get(1));
        }
        return fields;
    }

    /** Values of each token [B, T], filled as the tokens are. */
    Batch.Longs filled(TokenSequences sequences, int[] rows, int length, long value) {
        long[] values = new long[rows.length * length];
        Arrays.fill(values, value);
        for (int row = 0; row < rows.length; row++) {
            int[] sequence = sequences.get(rows[row]);
            int from = from(row, sequence.length, length);
            for (int t = 0; t < sequence.length; t++) {
                values[from + t] = sequence[t];
            }
        }
        return new Batch.Longs(values, rows.length, length);
    }

    private int from(int row, int tokens, int length) {
        return row * length + (encoding.padding().side() == Side.LEFT ? length - tokens : 0);
    }
}
