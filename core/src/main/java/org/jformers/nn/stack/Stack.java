package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Described;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.attention.Attention;
import org.jformers.nn.attention.AttentionContext;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.CachedRow;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.MixtureOfExperts;
import org.jformers.nn.feedforward.SwitchedExperts;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.Band;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.Documents;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Visibility;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.BucketedBias;
import org.jformers.nn.position.RelativeTable;
import org.jformers.nn.position.Rope;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * An entrance and layers on top: an encoder or a decoder, which differ in nothing but the masks of their layers and
 * whether they read a memory.
 *
 * <p>Dimensions: B batch, T tokens, S tokens with those of the cache, M tokens of the memory, C width.
 */
public final class Stack extends Module {
    private static final Scalar ZERO = Tensors.constant(0);

    private final Spec spec;
    private final Entrance input;
    private final List<Block> layers;
    private final Optional<Norm> finalNorm;
    private final Optional<Linear> finalProjection;
    private final Dropout finalDropout;
    private final Optional<BucketedBias> positionBias;
    private final Map<Rope.Spec, Rope> ropes = new LinkedHashMap<>();
    private final Map<RelativeTable.Spec, RelativeTable> tables = new LinkedHashMap<>();

    /** What is shown as the last hidden state; what the stack returns is behind the final norm either way. */
    public enum LastState {
        /** The last layer's output behind the final norm. */
        NORMED,
        /** The last layer's output. */
        PLAIN
    }

    /** What becomes of padding behind each layer. */
    public enum Padding {
        /** What the layer makes of it. */
        AS_IT_COMES,
        /** Zero (XLM). */
        CLEARED
    }

    /**
     * The layers.
     *
     * @param blocks each with its own spec and parameters
     * @param order which block each layer is, by its index: 0, 1, ... unless layers share their parameters (ALBERT,
     *     arXiv:1909.11942, 3.1)
     * @param drop share of the layers that a training pass leaves out, in [0, 1) (arXiv:1909.11556)
     * @param padding what becomes of padding behind each layer
     */
    public record Layers(List<Block.Spec> blocks, List<Integer> order, double drop, Padding padding) {
        public Layers {
            blocks = List.copyOf(blocks);
            order = List.copyOf(order);
            if (!(drop >= 0 && drop < 1)) {
                throw new IllegalArgumentException("layer drop: got " + drop + ", allowed [0, 1)");
            }
            for (int block : order) {
                Objects.checkIndex(block, blocks.size());
            }
        }

        /** Layers that share parameters as {@code order} says. */
        public Layers(List<Block.Spec> blocks, List<Integer> order) {
            this(blocks, order, 0, Padding.AS_IT_COMES);
        }

        /** Layers that share nothing. */
        public static Layers of(List<Block.Spec> blocks) {
            return new Layers(blocks, IntStream.range(0, blocks.size()).boxed().toList());
        }

        public Layers withDrop(double share) {
            return new Layers(blocks, order, share, padding);
        }

        public Layers withPadding(Padding kind) {
            return new Layers(blocks, order, drop, kind);
        }
    }

    /**
     * What stands behind the last layer.
     *
     * @param norm the final norm, if there is one
     * @param projection width of a linear map behind it, to the width of the token table; it adds no constant (OPT)
     * @param dropout rate behind both, in [0, 1)
     * @param lastState what counts as the last hidden state
     */
    public record Final(
            Optional<Norm.Spec> norm, Optional<Integer> projection, double dropout, LastState lastState) {
        /** A norm or nothing. */
        public Final(Optional<Norm.Spec> norm, LastState lastState) {
            this(norm, Optional.empty(), 0, lastState);
        }
    }

    /**
     * @param input the entrance
     * @param layers the layers
     * @param positionBias on the scores of self-attention in all layers, if order enters here
     * @param end what stands behind the last layer
     */
    public record Spec(Entrance.Spec input, Layers layers, Optional<BucketedBias.Spec> positionBias, Final end)
            implements Described {
        public Spec {
            for (Block.Spec block : layers.blocks()) {
                if (block.width() != input.width()) {
                    throw new IllegalArgumentException(
                            "stack: entrance has width " + input.width() + ", a block " + block.width());
                }
            }
        }

        /** Layers and nothing behind them. */
        public static Spec of(Entrance.Spec input, Layers layers) {
            return new Spec(input, layers, Optional.empty(), new Final(Optional.empty(), LastState.NORMED));
        }

        /** The same of layers that share nothing. */
        public static Spec of(Entrance.Spec input, List<Block.Spec> blocks) {
            return of(input, Layers.of(blocks));
        }

        public Spec withEnd(Final part) {
            return new Spec(input, layers, positionBias, part);
        }

        /** A norm behind the last layer and nothing else. */
        public Spec withFinalNorm(Norm.Spec norm) {
            return withEnd(new Final(Optional.of(norm), LastState.NORMED));
        }

        public Spec withLayerDrop(double share) {
            return new Spec(input, layers.withDrop(share), positionBias, end);
        }

        /** The distinct layers. */
        public List<Block.Spec> blocks() {
            return layers.blocks();
        }

        /**
         * The same without some heads of self-attention.
         *
         * @param heads by block, both numbered from 0
         */
        public Spec withoutHeads(Map<Integer, Set<Integer>> heads) {
            if (positionBias.isPresent()) {
                throw new IllegalArgumentException("pruned heads: got " + heads
                        + ", allowed none where all layers share a position bias for each head");
            }
            List<Block.Spec> blocks = layers.blocks();
            List<Block.Spec> narrower = new ArrayList<>(blocks);
            heads.forEach((block, removed) -> {
                if (block < 0 || block >= blocks.size()) {
                    throw new IllegalArgumentException(
                            "pruned heads: got layer " + block + ", allowed 0 to " + (blocks.size() - 1));
                }
                Block.Spec whole = blocks.get(block);
                narrower.set(block, whole.withAttention(whole.attention().withoutHeads(removed)));
            });
            return new Spec(
                    input, new Layers(narrower, layers.order(), layers.drop(), layers.padding()), positionBias, end);
        }

        /** C, width of the layers. */
        public int width() {
            return input.width();
        }

        @Override
        public String toString() {
            return describe();
        }

        /** Builds with a token table of its own. */
        public Stack build() {
            return new Stack(this, input.build());
        }

        /** Builds on a token table that another module owns. */
        public Stack build(Embedding shared) {
            return new Stack(this, input.build(shared));
        }
    }

    private Stack(Spec spec, Entrance input) {
        this.spec = spec;
        this.input = child("input", input);
        List<Block> distinct = children("blocks", spec.blocks().stream().map(Block.Spec::build).toList());
        layers = spec.layers().order().stream().map(distinct::get).toList();
        finalNorm = spec.end().norm().map(norm -> child("finalNorm", norm.build()));
        finalProjection = spec.end().projection().map(out ->
                child("finalProjection", new Linear.Spec(spec.width(), out, false, Role.WEIGHT).build()));
        finalDropout = new Dropout(spec.end().dropout());
        positionBias = spec.positionBias().map(bias -> child("positionBias", bias.build()));
        for (Block.Spec block : spec.blocks()) {
            block.attention().rope().ifPresent(rope -> ropes.computeIfAbsent(rope, Rope.Spec::build));
            block.attention().relative().ifPresent(table -> tables.computeIfAbsent(table, RelativeTable.Spec::build));
        }
        ropes.values().forEach(rope -> child("rope", rope));
        children("relative", List.copyOf(tables.values()));
    }

    /** Names of the inputs that it reads, by the names they have where it is the only stack of a model. */
    public Set<String> takes() {
        Set<String> names = new HashSet<>(input.takes());
        names.addAll(Set.of("attention_mask", "head_mask"));
        if (spec.blocks().stream().anyMatch(block -> block.convolution().isPresent())) {
            names.remove("document_ids");
        } else if (names.contains("document_ids")) {
            names.add("perm_mask");
            if (looksBack()) {
                names.add("prefix_lengths");
            }
        }
        if (!ropes.isEmpty()) {
            names.add("position_ids");
        }
        if (spec.blocks().stream().anyMatch(block -> block.crossAttention().isPresent())) {
            names.addAll(Set.of("encoder_hidden_states", "encoder_attention_mask", "cross_attn_head_mask"));
        }
        return names;
    }

    /** Whether no token sees one behind it. */
    private boolean looksBack() {
        return spec.blocks().stream().allMatch(block ->
                block.attention().mask().band().map(band -> band.ahead() == 0).orElse(false));
    }

    /** What enters, to [B, T, C]; what {@code capture} asks for is left there. */
    public Tensor forward(StackInput in, Capture capture) {
        return forward(in, capture, input.real(in));
    }

    /**
     * The same for those who do not read what comes of padding: the vectors of tokens are as in {@link #forward}, those
     * of padding may be zeros. Where much of a batch is padding, it takes as much less time.
     */
    public Tensor forwardTokens(StackInput in, Capture capture) {
        Optional<Packing> packing = mayPack(in) && capture.wantsNothing() ? packing(in) : Optional.empty();
        if (packing.isPresent()) {
            return packing.get().unpacked(forward(packing.get().input(), capture));
        }
        return forward(in, capture, paddingIsBehind(in) ? Optional.empty() : input.real(in));
    }

    /** Whether tokens, which see what is before them, would not see padding even if nothing kept them from it. */
    private boolean paddingIsBehind(StackInput in) {
        return in.cache().isEmpty() && looksBack() && in.features().isEmpty()
                && in.real().filter(real -> Arrays.equals(real.shape(), new long[] {in.batch(), in.length()}))
                        .map(real -> Packing.lengths(real).isPresent()).orElse(false);
    }

    /** Whether texts may share rows: the layers make of each token what they do wherever it stands. */
    public boolean mayPack() {
        return spec.blocks().stream().allMatch(block -> block.convolution().isEmpty()
                && block.attention().mask().padding() != Mask.Padding.SEEN
                && !(block.feedForward() instanceof MixtureOfExperts.Spec)
                && !(block.feedForward() instanceof SwitchedExperts.Spec));
    }

    private boolean mayPack(StackInput in) {
        return in.features().isEmpty() && in.cache().isEmpty() && in.memory().isEmpty()
                && in.masks().isPaddingAlone() && mayPack();
    }

    private Optional<Packing> packing(StackInput in) {
        return input.real(in).flatMap(real -> input.positions(in).flatMap(positions ->
                scoresAreAlone() && !GradMode.is_enabled()
                        ? Packing.ofForward(in, positions, real, productType())
                        : Packing.of(in, positions, real)));
    }

    private ScalarType productType() {
        return Precision.productType(Tensors.type(parameters().values().iterator().next().tensor()));
    }

    /** Whether nothing is added to the scores of queries and keys, which would have to be there for a whole row. */
    private boolean scoresAreAlone() {
        return positionBias.isEmpty() && tables.isEmpty()
                && spec.blocks().stream().allMatch(block -> block.attention() instanceof SelfAttention.Spec);
    }

    /** @param real_BS which tokens may be seen, bool [B, S]; all if empty */
    private Tensor forward(StackInput in, Capture capture, Optional<Tensor> real_BS) {
        long seen = seen(in);
        if (in.features().isEmpty()) {
            in.masks().withReal(Optional.empty()).requireShapes(in.batch(), in.length(), seen + in.length());
        }
        Pass pass = new Pass(in.cache().isPresent() ? Optional.empty() : GradientCheckpoints.open(), capture);
        Tensor hidden_BTC = pass.cut(input.forward(in, seen));
        BatchMasks masks = masks(in, real_BS, hidden_BTC, seen);
        List<Block.Context> contexts = contexts(in, hidden_BTC, masks, capture.wantWeights(), pass::cut);
        for (int i = 0; i < layers.size(); i++) {
            capture.hidden(hidden_BTC);
            if (leftOut()) {
                continue;
            }
            Block block = layers.get(i);
            Block.Context context = contexts.get(i);
            Tensor x_BTC = hidden_BTC;
            hidden_BTC = pass.through(() -> block.forward(x_BTC, context), behind -> padded(behind, context));
            if (i > 0 || in.ids().isPresent()) { // vectors that came in are not ours
                pass.forget(x_BTC);
            }
            capture.layer(hidden_BTC);
        }
        in.cache().ifPresent(Continued::finish);
        Tensor plain_BTC = hidden_BTC;
        if (finalNorm.isPresent()) {
            hidden_BTC = finalNorm.get().forward(hidden_BTC);
        }
        if (finalProjection.isPresent()) {
            hidden_BTC = finalProjection.get().forward(hidden_BTC);
        }
        hidden_BTC = finalDropout.forward(hidden_BTC, training());
        capture.hidden(spec.end().lastState() == LastState.PLAIN ? plain_BTC : hidden_BTC);
        return hidden_BTC;
    }

    /** What goes to the next layer. */
    private Tensor padded(Tensor hidden_BTC, Block.Context context) {
        return spec.layers().padding() == Padding.CLEARED && context.real_BS().isPresent()
                ? hidden_BTC.masked_fill(
                        Tensors.beside(context.real_BS().get().logical_not(), hidden_BTC).unsqueeze(2), ZERO)
                : hidden_BTC;
    }

    /** What is worked out once per pass, and what each layer gets of it. */
    private List<Block.Context> contexts(
            StackInput in, Tensor hidden_BTC, BatchMasks masks, boolean wantWeights, UnaryOperator<Tensor> cut) {
        long seen = seen(in);
        long length = hidden_BTC.size(1);
        ScalarType type = Precision.productType(Tensors.type(hidden_BTC));
        Optional<Block.Memory> memory = in.cache().isPresent() ? Optional.empty() : memory(in, hidden_BTC, cut);
        Optional<CachedSights> cached = in.cache().map(rows -> CachedSights.of(this, in, rows, masks, hidden_BTC));
        Visibility visibility = Visibility.of(seen, length, seen + length, masks);
        Map<Rope.Spec, Rope.Rotation> rotations = new HashMap<>();
        Tensor positions = in.places().positions()
                .or(() -> in.masks().documents().map(Documents::positions))
                .orElseGet(() -> Tensors.range(seen, seen + length));
        ropes.forEach((rope, module) -> rotations.put(rope, module.at(positions)));
        Map<RelativeTable.Spec, RelativeTable.Rows> relative = new HashMap<>();
        tables.forEach((table, module) -> relative.put(table, module.at(seen, seen + length).with(cut)));
        Map<Mask, Allowed> biased = new HashMap<>();
        List<Block.Context> contexts = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Attention.Spec attention = layers.get(i).spec().attention();
            Allowed byMask = cached.isPresent() ? Allowed.EVERYTHING : biased.computeIfAbsent(attention.mask(), m -> {
                Allowed plain = visibility.prepare(m, type);
                return positionBias.map(bias -> CachedSights.plus(plain, bias, seen, length, type).with(cut))
                        .orElse(plain);
            });
            int layer = i;
            Allowed allowed = in.heads().self(byMask, layer, layers.size());
            contexts.add(new Block.Context(
                    new AttentionContext(allowed, attention.rope().map(rotations::get),
                            attention.relative().map(relative::get),
                            cached.map(rows -> rows.layer(layer, attention.mask(),
                                    own -> in.heads().self(own, layer, layers.size()),
                                    read -> in.heads().cross(read, layer, layers.size()))), wantWeights),
                    memory.map(m -> new Block.Memory(
                            m.hidden_BSC(), in.heads().cross(m.allowed(), layer, layers.size()))),
                    input.real(in)));
        }
        return contexts;
    }

    /** How many tokens came before, with a cache. */
    private static long seen(StackInput in) {
        return in.cache().map(Continued::seen).orElse(0L);
    }

    /** Whether a training pass skips its next layer. */
    private boolean leftOut() {
        return training() && spec.layers().drop() > 0 && Seeds.uniform() < spec.layers().drop();
    }

    /** What is added to scores for the distance of query and key, if order enters there. */
    Optional<BucketedBias> positionBias() {
        return positionBias;
    }

    /** The entrance. */
    public Entrance input() {
        return input;
    }

    /** An empty cache for this stack that keeps everything. */
    public KeyValueCache newCache() {
        return new KeyValueCache(layers.size());
    }

    /** An empty cache of a kind, in which layers that see a window keep no more. */
    public KeyValueCache newCache(CacheKind kind) {
        return new KeyValueCache(layers.stream()
                .map(block -> block.spec().attention().mask().band().map(Band::behind).orElse(Band.ALL))
                .map(behind -> positionBias.isPresent() || behind == Band.ALL ? Long.MAX_VALUE : behind + 1)
                .toList(), kind);
    }

    /** Lets a row of a cache read what an encoder gave, [1, M, C], all of it. */
    public void remember(CachedRow row, Tensor memory_1MC) {
        layers.forEach(block -> block.remember(row, memory_1MC));
    }

    public Spec spec() {
        return spec;
    }

    private BatchMasks masks(StackInput in, Optional<Tensor> real_BS, Tensor hidden_BTC, long seen) {
        BatchMasks masks = in.masks().withReal(real_BS);
        masks.real().ifPresent(real ->
                Shapes.require("attention_mask", real, hidden_BTC.size(0), seen + hidden_BTC.size(1)));
        return packed(in).map(masks::withDocuments).orElse(masks);
    }

    /**
     * The documents that were given. Where none were, nor a mask, and tokens see what is before them, positions that
     * begin anew tell of some, as in the reference: {@code find_packed_sequence_indices} of transformers 5.18.
     */
    private Optional<Documents> packed(StackInput in) {
        boolean tells = in.real().isEmpty() && in.cache().isEmpty() && in.masks().isPaddingAlone() && looksBack();
        return in.masks().documents().or(() -> in.places().positions()
                .filter(positions -> tells)
                .map(positions -> Documents.ofPositions(positions.view(-1, positions.size(-1))))
                .filter(Documents::areSeveral));
    }

    private Optional<Block.Memory> memory(
            StackInput in, Tensor hidden_BTC, UnaryOperator<Tensor> cut) {
        ScalarType type = Precision.productType(Tensors.type(hidden_BTC));
        long length = hidden_BTC.size(1);
        return in.memory().map(read -> {
            boolean packed = read.masks().documents().isPresent();
            if (packed != in.masks().documents().isPresent()) {
                throw new ShapeException("document_ids: got those of " + (packed ? "the encoder" : "the decoder")
                        + " alone, allowed those of both or none");
            }
            Optional<Documents> asking =
                    in.masks().documents().map(documents -> documents.apart(input.real(in)));
            return new Block.Memory(
                    cut.apply(Tensors.alike(read.hidden_BMC(), hidden_BTC)),
                    Visibility.ofMemory(length, read.hidden_BMC().size(1), read.masks(), asking)
                            .prepare(new FullMask(), type));
        });
    }
}
