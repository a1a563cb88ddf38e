package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.attention.AttentionContext;
import org.jformers.nn.attention.Recurrence;
import org.jformers.nn.attention.RelativeAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Visibility;
import org.jformers.nn.position.RelativeWaves;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * Layers that read a text segment by segment, each with a memory of what the layer saw before. Source: Transformer-XL,
 * arXiv:1901.02860. With a vector for hidden tokens there is a second stream that predicts them: XLNet,
 * arXiv:1906.08237.
 *
 * <p>Dimensions: B batch, T tokens, M tokens of the memory, S = M + T, K targets, C width.
 */
public final class SegmentStack extends Module {
    private final Spec spec;
    private final Entrance input;
    private final List<Block> blocks;
    private final RelativeWaves waves;
    private final Optional<Tensor> hiddenToken_11C;
    private final Optional<Recurrence.Biases> biases;
    private final Dropout dropout;

    /**
     * @param input the entrance
     * @param blocks the layers, with {@link RelativeAttention}
     * @param waves the vectors of distances
     * @param sight who sees whom in a segment and its memory
     * @param memory what is kept for the next segment
     * @param streams one or two
     * @param dropout rate on the vectors of distances and on the output, in [0, 1)
     */
    public record Spec(
            Entrance.Spec input,
            List<Block.Spec> blocks,
            RelativeWaves.Spec waves,
            SegmentSight sight,
            SegmentMemory memory,
            Streams streams,
            double dropout) {
        public Spec {
            blocks = List.copyOf(blocks);
        }

        /** C. */
        public int width() {
            return input.width();
        }

        public SegmentStack build() {
            return new SegmentStack(this);
        }

        private static boolean tellsSegmentsApart(Block.Spec block) {
            return ((RelativeAttention.Spec) block.attention()).segments() != RelativeAttention.Segments.NONE;
        }

        private Optional<RelativeAttention.Spec> withSharedBiases() {
            return blocks.stream()
                    .map(block -> (RelativeAttention.Spec) block.attention())
                    .filter(attention -> attention.biases() == RelativeAttention.Biases.SHARED)
                    .findFirst();
        }
    }

    /** How many states a token has. */
    public enum Streams {
        ONE,
        /** One of its content, and where targets are given one that predicts it. */
        CONTENT_AND_QUERY
    }

    /**
     * A segment.
     *
     * @param tokens its tokens
     * @param memory_MBC per layer its memory; none before the first segment
     * @param target_BKT which tokens are to be predicted, as weights
     * @param backward_B bool, which rows run backward, where both directions occur; the second half if empty
     */
    public record Segment(
            StackInput tokens,
            List<Tensor> memory_MBC,
            Optional<Tensor> target_BKT,
            Optional<Tensor> backward_B) {}

    /**
     * What a segment gives.
     *
     * @param hidden states of the tokens [B, T, C], or of the targets [B, K, C]
     * @param memory per layer the memory for the next segment, [M, B, C], without gradient
     */
    public record Output(Tensor hidden, List<Tensor> memory) {}

    private SegmentStack(Spec spec) {
        this.spec = spec;
        input = child("input", spec.input().build());
        blocks = children("blocks", spec.blocks().stream().map(Block.Spec::build).toList());
        waves = child("waves", spec.waves().build());
        hiddenToken_11C = spec.streams() == Streams.CONTENT_AND_QUERY
                ? Optional.of(parameter("hiddenToken", Role.EMBEDDING, 1, 1, spec.width()))
                : Optional.empty();
        biases = spec.withSharedBiases().map(attention -> new Recurrence.Biases(
                parameter("contentBias", Role.EMBEDDING, attention.heads(), attention.headDim()),
                parameter("positionBias", Role.EMBEDDING, attention.heads(), attention.headDim())));
        dropout = new Dropout(spec.dropout());
    }

    /** Names of the inputs that it reads; the memory of all layers together is {@code mems}. */
    public Set<String> takes() {
        Set<String> names = new HashSet<>(input.takes());
        names.remove("document_ids");
        names.addAll(Set.of("mems", "attention_mask", "input_mask", "perm_mask", "head_mask"));
        if (hiddenToken_11C.isPresent()) {
            names.add("target_mapping");
        }
        if (spec.blocks().stream().anyMatch(Spec::tellsSegmentsApart)) {
            names.add("token_type_ids");
        }
        return names;
    }

    /** Reads a segment; hidden states of two streams are captured in turn, content first. */
    public Output forward(Segment segment, Capture capture) {
        return forward(segment, spec.memory(), capture);
    }

    /** The same with another memory than the spec's: training may keep more or less than what comes after it. */
    public Output forward(Segment segment, SegmentMemory memory, Capture capture) {
        Pass pass = new Pass(GradientCheckpoints.open(), capture);
        Tensor entered_BTC = pass.cut(input.forward(segment.tokens(), 0));
        Tensor content_BTC = entered_BTC;
        long batch = content_BTC.size(0);
        long length = content_BTC.size(1);
        ScalarType format = Tensors.type(content_BTC);
        List<Tensor> memory_MBC = segment.memory_MBC().isEmpty()
                ? memory.first(spec.blocks().size(), content_BTC)
                : segment.memory_MBC().stream().map(states -> Tensors.alike(states, entered_BTC)).toList();
        requireMemory(memory_MBC, batch);
        long before = memory_MBC.isEmpty() ? 0 : memory_MBC.get(0).size(0);
        segment.tokens().real().ifPresent(real -> Shapes.require("attention_mask", real, batch, length));
        segment.tokens().masks().hidden().ifPresent(hidden ->
                Shapes.require("perm_mask", hidden, batch, length, length));
        Optional<Tensor> target_BKT = segment.target_BKT().map(target -> Tensors.alike(target, entered_BTC));
        target_BKT.ifPresent(target -> Shapes.require("target_mapping", target, batch, -1, length));
        ScalarType type = Precision.productType(format);
        Mask mask = spec.sight().mask(before, length);
        Visibility visibility =
                Visibility.of(before, length, before + length, withMemory(segment.tokens().masks(), before));
        Allowed others = visibility.prepare(mask, type);
        Allowed othersAndOwn = visibility.withOwn().prepare(mask, type);
        Tensor wave_BPC = dropout.forward(
                waves.at(before + length, 1 - length, batch, segment.backward_B()).to(format), training());
        Optional<Tensor> otherSegment_B1TS = otherSegment(segment.tokens(), before)
                .map(other -> Tensors.beside(other, entered_BTC));
        boolean predicts = hiddenToken_11C.isPresent() && target_BKT.isPresent();
        Tensor query_BKC = predicts
                ? pass.cut(dropout.forward(
                        hiddenToken_11C.get().expand(batch, target_BKT.get().size(1), spec.width()),
                        training()))
                : null;
        List<Tensor> kept = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            Optional<Tensor> seen_BMC = before == 0
                    ? Optional.empty()
                    : Optional.of(memory_MBC.get(i).transpose(0, 1));
            kept.add(memory.next(seen_BMC, content_BTC));
            capture(capture, content_BTC, query_BKC);
            Tensor x_BTC = content_BTC;
            Tensor g_BKC = query_BKC;
            Block block = blocks.get(i);
            Recurrence around = new Recurrence(
                    seen_BMC, Optional.empty(), wave_BPC, otherSegment_B1TS, Optional.empty(), biases);
            HeadMask heads = segment.tokens().heads();
            Allowed own = heads.self(othersAndOwn, i, blocks.size());
            content_BTC = run(pass, block, x_BTC, own, around);
            if (predicts) {
                Recurrence asked = new Recurrence(
                        seen_BMC, Optional.of(x_BTC), wave_BPC, otherSegment_B1TS, target_BKT, biases);
                Allowed foreign = heads.self(others, i, blocks.size());
                query_BKC = run(pass, block, Objects.requireNonNull(g_BKC), foreign, asked);
            }
        }
        capture(capture, content_BTC, query_BKC);
        return new Output(dropout.forward(query_BKC != null ? query_BKC : content_BTC, training()), kept);
    }

    private static Tensor run(Pass pass, Block block, Tensor x, Allowed allowed, Recurrence around) {
        Block.Context context = new Block.Context(
                new AttentionContext(allowed, around, pass.capture().wantWeights()), Optional.empty(),
                Optional.empty());
        return pass.through(() -> block.forward(x, context), behind -> behind);
    }

    private static void capture(Capture capture, Tensor content_BTC, @Nullable Tensor query_BKC) {
        capture.hidden(content_BTC);
        if (query_BKC != null) {
            capture.hidden(query_BKC);
        }
    }

    private void requireMemory(List<Tensor> memory_MBC, long batch) {
        for (int i = 0; i < memory_MBC.size(); i++) {
            Shapes.require("mems." + i, memory_MBC.get(i), memory_MBC.get(0).size(0), batch, spec.width());
        }
    }

    /** What a batch says, with a memory before it, all of which is seen. */
    private static BatchMasks withMemory(BatchMasks masks, long before) {
        return new BatchMasks(
                masks.real().map(real_BT -> before == 0 ? real_BT : Tensors.cat(
                        1, torch.ones_like(real_BT.narrow(1, 0, 1)).expand(real_BT.size(0), before), real_BT)),
                Optional.empty(), Optional.empty(),
                masks.hidden().map(hidden_BTT -> before == 0 ? hidden_BTT : Tensors.cat(
                        2, torch.zeros_like(hidden_BTT.narrow(2, 0, 1)).expand(-1, -1, before), hidden_BTT)));
    }

    /** int64 [B, 1, T, S], 1 where query and key are of different segments of the text; the memory is of segment 0. */
    private static Optional<Tensor> otherSegment(StackInput tokens, long before) {
        return tokens.places().segments().map(segment_BT -> {
            Tensor key_BS = before == 0
                    ? segment_BT
                    : Tensors.cat(
                            1, torch.zeros_like(segment_BT.narrow(1, 0, 1)).expand(segment_BT.size(0), before),
                            segment_BT);
            return segment_BT.unsqueeze(2).ne(key_BS.unsqueeze(1)).to(ScalarType.Long).unsqueeze(1);
        });
    }

    /** The entrance. */
    public Entrance input() {
        return input;
    }

    public Spec spec() {
        return spec;
    }
}
