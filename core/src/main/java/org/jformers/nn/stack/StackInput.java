package org.jformers.nn.stack;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.ShapeException;

/**
 * What enters a stack. Exactly one of {@code ids} and {@code embeds} is there.
 *
 * @param ids token ids, int64 [B, T]
 * @param embeds token vectors in place of ids, [B, T, C]
 * @param positions positions where they are not simply 0, 1, ...: int64 [T] or [B, T]
 * @param segments segment of each token, int64 [B, T]; all 0 if empty
 * @param real bool [B, S], true for tokens and false for padding, over cached and new tokens; all true if empty
 * @param memory output of an encoder [B, M, C], for stacks that read one
 * @param realMemory bool [B, M], true for tokens of the memory; all true if empty
 * @param cache keys and values of earlier tokens; the new ones are added
 */
public record StackInput(
        Optional<Tensor> ids,
        Optional<Tensor> embeds,
        Optional<Tensor> positions,
        Optional<Tensor> segments,
        Optional<Tensor> real,
        Optional<Tensor> memory,
        Optional<Tensor> realMemory,
        Optional<KeyValueCache> cache) {

    public StackInput {
        if (ids.isPresent() == embeds.isPresent()) {
            throw new ShapeException("input: got " + (ids.isPresent() ? "both" : "neither")
                    + " of input_ids and inputs_embeds, allowed exactly one");
        }
        Tensor tokens = ids.or(() -> embeds).get();
        if (tokens.dim() != (ids.isPresent() ? 2 : 3) || tokens.size(0) == 0 || tokens.size(1) == 0) {
            throw new ShapeException("input: got " + java.util.Arrays.toString(tokens.shape())
                    + ", allowed [batch, tokens] with at least one token");
        }
    }

    /** Plain ids without anything else. */
    public static StackInput of(Tensor ids_BT) {
        Optional<Tensor> none = Optional.empty();
        return new StackInput(Optional.of(ids_BT), none, none, none, none, none, none, Optional.empty());
    }

    /** B. */
    public long batch() {
        return ids.or(() -> embeds).get().size(0);
    }

    /** T. */
    public long length() {
        return ids.or(() -> embeds).get().size(1);
    }
}
