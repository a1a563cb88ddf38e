package org.jformers.nn.stack;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.tensor.ShapeException;

/**
 * What enters a stack.
 *
 * @param content what there is to read
 * @param places where each token stands
 * @param masks who may see whom, besides what the layers say; over cached and new tokens
 * @param memory output of an encoder, for stacks that read one
 * @param cache rows of a cache that the tokens continue; they are added
 * @param patches how the patches of images enter
 * @param heads which heads of the layers count
 */
public record StackInput(
        Content content,
        Places places,
        BatchMasks masks,
        Optional<Memory> memory,
        Optional<Continued> cache,
        Patches patches,
        HeadMask heads) {
    private static final Optional<Tensor> NONE = Optional.empty();

    /**
     * What there is to read; one of the three.
     *
     * @param ids token ids, int64 [B, T]
     * @param embeds token vectors in place of ids, [B, T, C]
     * @param features what is no text, in the shape that the stack's entrance takes: pixels, a spectrogram, a waveform
     */
    public record Content(Optional<Tensor> ids, Optional<Tensor> embeds, Optional<Tensor> features) {
        public Content {
            if (features.isEmpty()) {
                requireTokens(ids, embeds);
            }
        }
    }

    /**
     * Where each token stands.
     *
     * @param positions positions where they are not simply 0, 1, ...: int64 [T] or [B, T]
     * @param segments segment of each token, int64 [B, T]; all 0 if empty
     * @param languages language of each token, int64 [B, T]
     */
    public record Places(Optional<Tensor> positions, Optional<Tensor> segments, Optional<Tensor> languages) {
        /** One behind the other, all in one segment. */
        public static final Places IN_ORDER = new Places(NONE, NONE, NONE);
    }

    /**
     * The output of an encoder.
     *
     * @param hidden_BMC its vectors
     * @param masks which of them are tokens, and the documents that they are of
     */
    public record Memory(Tensor hidden_BMC, BatchMasks masks) {
        /** Without documents; real_BM is true for tokens, which all are if it is empty. */
        public Memory(Tensor hidden_BMC, Optional<Tensor> real_BM) {
            this(hidden_BMC, BatchMasks.ofReal(real_BM));
        }
    }

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

    /** Ids or vectors of tokens; exactly one of them is there. */
    public static StackInput of(Optional<Tensor> ids_BT, Optional<Tensor> embeds_BTC) {
        return of(new Content(ids_BT, embeds_BTC, NONE));
    }

    /** Plain ids without anything else. */
    public static StackInput of(Tensor ids_BT) {
        return of(Optional.of(ids_BT), NONE);
    }

    /** What is no text. */
    public static StackInput ofFeatures(Tensor features) {
        return of(new Content(NONE, NONE, Optional.of(features)));
    }

    private static StackInput of(Content content) {
        return new StackInput(content, Places.IN_ORDER, BatchMasks.NONE, Optional.empty(), Optional.empty(),
                Patches.ALL, HeadMask.ALL);
    }

    public StackInput withPositions(Optional<Tensor> positionIds) {
        return withPlaces(new Places(positionIds, places.segments(), places.languages()));
    }

    public StackInput withPlaces(Places where) {
        return new StackInput(content, where, masks, memory, cache, patches, heads);
    }

    public StackInput withReal(Optional<Tensor> real_BS) {
        return withMasks(masks.withReal(real_BS));
    }

    public StackInput withMasks(BatchMasks who) {
        return new StackInput(content, places, who, memory, cache, patches, heads);
    }

    public StackInput withMemory(Optional<Memory> read) {
        return new StackInput(content, places, masks, read, cache, patches, heads);
    }

    /** Row by row what a cache has, which gets as many new rows if it has none. */
    public StackInput withCache(Optional<KeyValueCache> continued) {
        return withContinued(continued.map(cache -> Continued.of(cache, batch(), length())));
    }

    public StackInput withContinued(Optional<Continued> rows) {
        return new StackInput(content, places, masks, memory, rows, patches, heads);
    }

    public StackInput withPatches(Patches how) {
        return new StackInput(content, places, masks, memory, cache, how, heads);
    }

    public StackInput withHeads(HeadMask which) {
        return new StackInput(content, places, masks, memory, cache, patches, which);
    }

    /** bool [B, S], true for tokens and false for padding; all true if empty. */
    public Optional<Tensor> real() {
        return masks.real();
    }

    /** Token ids, if they are what there is to read. */
    public Optional<Tensor> ids() {
        return content.ids();
    }

    /** Token vectors, if they are what there is to read. */
    public Optional<Tensor> embeds() {
        return content.embeds();
    }

    /** What is no text, if that is what there is to read. */
    public Optional<Tensor> features() {
        return content.features();
    }

    /** B. */
    public long batch() {
        return tokens().size(0);
    }

    /** What is no text; throws {@link ShapeException} if tokens came in its place. */
    Tensor requireFeatures(String name) {
        return features().orElseThrow(() -> new ShapeException("input: got tokens, allowed " + name));
    }

    /** T, where tokens enter. */
    public long length() {
        return tokens().size(1);
    }

    private Tensor tokens() {
        return ids().or(this::embeds).or(this::features).get();
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
