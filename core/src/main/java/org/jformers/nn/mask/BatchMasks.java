package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;

/**
 * Who may see whom in a batch, besides what the masks of the layers say.
 *
 * <p>Dimensions: B rows, T tokens, S tokens with those of a cache or a memory.
 *
 * @param real bool [B, S], true for tokens and false for padding; all true if empty
 * @param documents the documents that are packed into the rows; a token sees its own
 * @param prefixes int64 [B], how many tokens at the start of a row all of it sees, whatever the mask of the layer says
 * @param hidden bool [B, T, S], true where a token (dimension 1) must not see another one (dimension 2)
 */
public record BatchMasks(
        Optional<Tensor> real, Optional<Documents> documents, Optional<Tensor> prefixes, Optional<Tensor> hidden) {
    /** Nothing but what the layers say. */
    public static final BatchMasks NONE = ofReal(Optional.empty());

    /** Padding alone. */
    public static BatchMasks ofReal(Optional<Tensor> real_BS) {
        return new BatchMasks(real_BS, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same with other padding. */
    public BatchMasks withReal(Optional<Tensor> real_BS) {
        return new BatchMasks(real_BS, documents, prefixes, hidden);
    }

    /** The same with documents. */
    public BatchMasks withDocuments(Documents packed) {
        return new BatchMasks(real, Optional.of(packed), prefixes, hidden);
    }

    /**
     * Refuses what does not fit the tokens.
     *
     * @throws ShapeException saying what
     */
    public void requireShapes(long batch, long length, long keys) {
        real.ifPresent(mask -> Shapes.require("attention_mask", mask, batch, keys));
        documents.ifPresent(packed -> Shapes.require("document_ids", packed.numbers(), batch, keys));
        prefixes.ifPresent(lengths -> Shapes.require("prefix_lengths", lengths, batch));
        hidden.ifPresent(mask -> Shapes.require("perm_mask", mask, batch, length, keys));
        if (documents.isPresent() && (length != keys || prefixes.isPresent())) {
            throw new ShapeException("document_ids: got them with "
                    + (prefixes.isPresent() ? "prefix_lengths" : "a cache") + ", allowed without");
        }
    }

    /** What it says of one row, documents aside. */
    public BatchMasks row(Span row) {
        return new BatchMasks(real.map(mask -> row.of(mask, 0)), Optional.empty(),
                prefixes.map(lengths -> row.of(lengths, 0)), hidden.map(mask -> row.of(mask, 0)));
    }

    /** Whether there is nothing but padding. */
    public boolean isPaddingAlone() {
        return documents.isEmpty() && prefixes.isEmpty() && hidden.isEmpty();
    }
}
