package org.jformers.data;

import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.TextInput;

/**
 * Texts without labels, as rows of tokens: what is embedded. Batches go from short to long; {@link EpochPlan#order}
 * says which came when. Immutable.
 *
 * <p>A batch has the fields {@code input_ids} [B, T], {@code attention_mask} [B, T] and, where the model reads them,
 * {@code token_type_ids} [B, T].
 */
public final class EncodedTexts implements BatchedExamples {
    private final TokenRows rows;
    private final int rowsPerBatch;

    private EncodedTexts(TokenRows rows, int rowsPerBatch) {
        this.rows = rows;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Encodes texts on all cores.
     *
     * @param rowsPerBatch texts of a batch
     */
    public static EncodedTexts of(List<String> texts, RowEncoding encoding, int rowsPerBatch) {
        return new EncodedTexts(TokenRows.of(texts.stream().map(TextInput::of).toList(), encoding), rowsPerBatch);
    }

    /** Number of texts. */
    public int size() {
        return rows.size();
    }

    /** Number of tokens of text {@code i}, special ones included. */
    public int length(int i) {
        return rows.length(i);
    }

    /** How many texts were cut to the maximum length. */
    public long truncated() {
        return rows.truncated();
    }

    /** Length of the longest of the texts. */
    int longest(int[] texts) {
        return rows.longest(texts);
    }

    /** The fields of a batch of these texts, any of them as often as it is named. */
    Map<String, Batch.Field> fields(int[] texts) {
        return rows.fields(texts);
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
        return new Batch(rows.fields(examples), examples.length, examples.length, position);
    }
}
