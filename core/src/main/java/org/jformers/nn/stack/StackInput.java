package org.jformers.nn.stack;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.ShapeException;

/**
 * What enters a stack. Exactly one of {@code ids}, {@code embeds} and {@code features} is there.
 *
 * @param ids token ids, int64 [B, T]
 * @param embeds token vectors in place of ids, [B, T, C]
 * @param features what is no text, in the shape that the stack's entrance takes: pixels, a spectrogram, a waveform
 * @param positions positions where they are not simply 0, 1, ...: int64 [T] or [B, T]
 * @param segments segment of each token, int64 [B, T]; all 0 if empty
 * @param languages language of each token, int64 [B, T]
 * @param real bool [B, S], true for tokens and false for padding, over cached and new tokens; all true if empty
 * @param memory output of an encoder [B, M, C], for stacks that read one
 * @param realMemory bool [B, M], true for tokens of the memory; all true if empty
 * @param cache keys and values of earlier tokens; the new ones are added
 * @param patches how the patches of images enter
 * @param heads which heads of the layers count
 */
public record StackInput(
        Optional<Tensor> ids,
        Optional<Tensor> embeds,
        Optional<Tensor> features,
        Optional<Tensor> positions,
        Optional<Tensor> segments,
        Optional<Tensor> languages,
        Optional<Tensor> real,
        Optional<Tensor> memory,
        Optional<Tensor> realMemory,
        Optional<KeyValueCache> cache,
        Patches patches,
        HeadMask heads) {
    private static final Optional<Tensor> NONE = Optional.empty();

    /**
     * How the patches of images enter.
     *
     * @param masked bool [B, P], true for patches in whose place the mask token enters
     * @param chosen int64 [B, K]: those that enter, in this order; all if empty
     * @param interpolate whether the position table is stretched to images of another size
     */
    public record Patches(Optional<Tensor> masked, Optional<Tensor> chosen, boolean interpolate) {
        /** All patches as they are. */
        public static final Patches ALL = new Patches(NONE, NONE, false);
    }

    public StackInput {
        if (features.isEmpty()) {
            requireTokens(ids, embeds);
        }
    }

    /** Ids or vectors of tokens; exactly one of them is there. */
    public static StackInput of(Optional<Tensor> ids_BT, Optional<Tensor> embeds_BTC) {
        return new StackInput(ids_BT, embeds_BTC, NONE, NONE, NONE, NONE, NONE, NONE, NONE, Optional.empty(),
                Patches.ALL, HeadMask.ALL);
    }

    /** Plain ids without anything else. */
    public static StackInput of(Tensor ids_BT) {
        return of(Optional.of(ids_BT), NONE);
    }

    /** What is no text. */
    public static StackInput ofFeatures(Tensor features) {
        return new StackInput(NONE, NONE, Optional.of(features), NONE, NONE, NONE, NONE, NONE, NONE, Optional.empty(),
                Patches.ALL, HeadMask.ALL);
    }

    public StackInput withPositions(Optional<Tensor> positionIds) {
        return new StackInput(ids, embeds, features, positionIds, segments, languages, real, memory, realMemory, cache,
                patches, heads);
    }

    public StackInput withSegments(Optional<Tensor> segment_BT) {
        return new StackInput(ids, embeds, features, positions, segment_BT, languages, real, memory, realMemory, cache,
                patches, heads);
    }

    public StackInput withLanguages(Optional<Tensor> language_BT) {
        return new StackInput(ids, embeds, features, positions, segments, language_BT, real, memory, realMemory, cache,
                patches, heads);
    }

    public StackInput withReal(Optional<Tensor> real_BS) {
        return new StackInput(ids, embeds, features, positions, segments, languages, real_BS, memory, realMemory, cache,
                patches, heads);
    }

    public StackInput withMemory(Optional<Tensor> memory_BMC, Optional<Tensor> real_BM) {
        return new StackInput(ids, embeds, features, positions, segments, languages, real, memory_BMC, real_BM, cache,
                patches, heads);
    }

    public StackInput withCache(Optional<KeyValueCache> continued) {
        return new StackInput(ids, embeds, features, positions, segments, languages, real, memory, realMemory,
                continued, patches, heads);
    }

    public StackInput withPatches(Patches how) {
        return new StackInput(ids, embeds, features, positions, segments, languages, real, memory, realMemory, cache,
                how, heads);
    }

    public StackInput withHeads(HeadMask which) {
        return new StackInput(ids, embeds, features, positions, segments, languages, real, memory, realMemory, cache,
                patches, which);
    }

    /** B. */
    public long batch() {
        return tokens().size(0);
    }

    /** What is no text; throws {@link ShapeException} if tokens came in its place. */
    Tensor requireFeatures(String name) {
        return features.orElseThrow(() -> new ShapeException("input: got tokens, allowed " + name));
    }

    /** T, where tokens enter. */
    public long length() {
        return tokens().size(1);
    }

    private Tensor tokens() {
        return ids.or(() -> embeds).or(() -> features).get();
    }

    private static void requireTokens(Optional<Tensor> ids, Optional<Tensor> embeds) {
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
}
