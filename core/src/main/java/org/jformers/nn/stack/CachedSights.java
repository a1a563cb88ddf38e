package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.attention.LayerCache;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.Bias;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.ScoreRows;
import org.jformers.nn.mask.Visibility;
import org.jformers.nn.position.BucketedBias;
import org.jformers.tensor.Precision;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of a pass see of the rows of a cache that they continue. Rows of one length see alike, which is
 * worked out once unless the batch says something of each.
 */
final class CachedSights {
    private final Continued continued;
    private final BatchMasks masks;
    private final Optional<BatchMasks> memory;
    private final Optional<BucketedBias> bias;
    private final ScalarType type;
    private final Map<Key, Allowed> worked = new HashMap<>();

    /** What decides it; {@code mask} is null of memory, {@code row} -1 where the batch says nothing of rows. */
    private record Key(@Nullable Mask mask, long seen, long length, long row) {}

    private CachedSights(Continued continued, BatchMasks masks, Optional<BatchMasks> memory,
            Optional<BucketedBias> bias, ScalarType type) {
        this.continued = continued;
        this.masks = masks;
        this.memory = memory;
        this.bias = bias;
        this.type = type;
    }

    /**
     * Makes room for the tokens, and lets rows that do not yet remember the memory do so.
     *
     * @param masks what the batch says
     */
    static CachedSights of(Stack stack, StackInput in, Continued rows, BatchMasks masks, Tensor hidden_BTC) {
        for (Block.Spec block : stack.spec().blocks()) {
            if (!(block.attention() instanceof SelfAttention.Spec)) {
                throw new JformersException("cache: got " + block.attention().getClass().getEnclosingClass()
                        .getSimpleName() + ", which keeps no keys and values");
            }
        }
        if (masks.documents().isPresent()) {
            throw new ShapeException("document_ids: got them with a cache, allowed without");
        }
        rows.prepare();
        in.memory().ifPresent(read -> {
            Tensor memory_BMC = Tensors.alike(read.hidden_BMC(), hidden_BTC);
            rows.places().stream().filter(place -> !place.row().hasMemory()).forEach(place ->
                    stack.remember(place.row(), place.rows().of(memory_BMC, 0)));
        });
        return new CachedSights(rows, masks, in.memory().map(StackInput.Memory::masks), stack.positionBias(),
                Precision.productType(Tensors.type(hidden_BTC)));
    }

    LayerCache layer(int layer, Mask mask, UnaryOperator<Allowed> self, UnaryOperator<Allowed> cross) {
        List<LayerCache.Part> parts = new ArrayList<>();
        for (LayerCache.Place place : continued.places()) {
            parts.add(new LayerCache.Part(
                    place, self.apply(own(layer, mask, place)), cross.apply(ofMemory(place))));
        }
        return new LayerCache(layer, parts);
    }

    private Allowed own(int layer, Mask mask, LayerCache.Place place) {
        long length = place.tokens().length();
        long seen = place.row().length() - place.row().first(layer);
        boolean plain = masks.equals(BatchMasks.NONE);
        Key key = new Key(mask, seen, length, plain ? -1 : place.rows().start());
        return worked.computeIfAbsent(key, k -> {
            Allowed allowed = Visibility.of(seen, length, seen + length, plain ? masks : masks.row(place.rows()))
                    .prepare(mask, type);
            return bias.map(added -> plus(allowed, added, seen, length, type)).orElse(allowed);
        });
    }

    private Allowed ofMemory(LayerCache.Place place) {
        if (memory.isEmpty() || memory.get().real().isEmpty()) {
            return Allowed.EVERYTHING;
        }
        BatchMasks own = memory.get().row(place.rows());
        return worked.computeIfAbsent(new Key(null, 0, place.tokens().length(), place.rows().start()), key ->
                Visibility.ofMemory(place.tokens().length(), own.real().get().size(1), own, Optional.empty())
                        .prepare(new FullMask(), type));
    }

    /** With the bias of distances, made for some queries at a time where all of it would be too much. */
    static Allowed plus(Allowed plain, BucketedBias bias, long seen, long length, ScalarType type) {
        long keys = seen + length;
        boolean held = GradMode.is_enabled() || bias.spec().heads() * length * keys <= Bias.CELLS;
        return held
                ? plain.plus(bias.at(seen, length, keys).to(type))
                : plain.plus(new ScoreRows.Made(queries ->
                        bias.at(seen + queries.start(), queries.length(), keys).to(type)));
    }
}
