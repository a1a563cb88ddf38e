package org.jformers.nn.attention;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.position.RelativeTable;
import org.jformers.nn.position.Rope;

/**
 * What surrounds the tokens that an attention reads, in one layer of one pass.
 *
 * @param allowed what the masks of layer and batch allow
 * @param rotation angles of the tokens given, for attention with rotary positions
 * @param relative vectors of distances, for attention that reads them
 * @param cache keys and values of earlier tokens; those of the tokens given are added to it
 * @param recurrence memory and distances, for attention that reads segment after segment
 * @param wantWeights whether to return attention weights
 */
public record AttentionContext(
        Allowed allowed,
        Optional<Rope.Rotation> rotation,
        Optional<RelativeTable.Rows> relative,
        Optional<LayerCache> cache,
        Optional<Recurrence> recurrence,
        boolean wantWeights) {

    /** Of a single sequence, without segments before it. */
    public AttentionContext(
            Allowed allowed,
            Optional<Rope.Rotation> rotation,
            Optional<RelativeTable.Rows> relative,
            Optional<LayerCache> cache,
            boolean wantWeights) {
        this(allowed, rotation, relative, cache, Optional.empty(), wantWeights);
    }

    /** Of a segment. */
    public AttentionContext(Allowed allowed, Recurrence recurrence, boolean wantWeights) {
        this(allowed, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(recurrence), wantWeights);
    }

    /** The same with the memory's states changed. */
    public AttentionContext withMemory(UnaryOperator<Tensor> change) {
        Optional<Recurrence> changed = recurrence.map(around ->
                around.memory_BMC().map(memory -> around.withMemory(change.apply(memory))).orElse(around));
        return new AttentionContext(allowed, rotation, relative, cache, changed, wantWeights);
    }
}
