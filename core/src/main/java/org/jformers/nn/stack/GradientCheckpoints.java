package org.jformers.nn.stack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.block.Block;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;

/**
 * Gradients in less memory: while this is open on a thread, a {@link Stack} or {@link SegmentStack} remembers the input
 * of each layer and nothing else, and {@link #backward} computes a layer once more when its turn has come. The numbers
 * are the same, dropout included; a step takes about a third longer. Source: arXiv:1604.06174.
 *
 * <p>The scope of the forward pass must still be open when {@link #backward} is called, and the parameters must be as
 * they were. Attention weights among the outputs carry no gradient.
 *
 * <p>How: the graph of gradients is cut in front of every layer. What stands behind a cut is a leaf, which collects its
 * gradient; the layers are walked from the last to the first, each handing its leaf's gradient on to its own input.
 */
public final class GradientCheckpoints implements AutoCloseable {
    private static final ThreadLocal<GradientCheckpoints> OPEN = new ThreadLocal<>();

    private final Optional<GradientCheckpoints> outer = open();
    private final Deque<Piece> pieces = new ArrayDeque<>();

    /** A part of the forward pass before a cut. */
    private interface Piece {
        /** Puts the tensors before the cut to {@code ends}, and the gradients that their leaves collected. */
        void ends(List<Tensor> ends, List<Tensor> gradients);

        void close();
    }

    public GradientCheckpoints() {
        OPEN.set(this);
    }

    /** Those that are open on this thread. */
    public static Optional<GradientCheckpoints> open() {
        return Optional.ofNullable(OPEN.get());
    }

    /** Cuts the graph behind a tensor: the same values, from which on gradients are collected. */
    Tensor cut(Tensor tensor) {
        if (!GradMode.is_enabled() || !tensor.requires_grad() || tensor.is_leaf()) {
            return tensor;
        }
        Cut cut = new Cut(Scopes.keep(tensor), leaf(tensor));
        pieces.push(cut);
        return cut.leaf();
    }

    /** Runs a layer, forgets what its backward pass would need, and cuts the graph behind it. */
    Block.Output run(Supplier<Block.Output> layer) {
        Tensor random = Scopes.keep(Seeds.state());
        Block.Output output = layer.get();
        if (!output.hidden_BTC().requires_grad()) {
            random.close();
            return output;
        }
        Block.Output behind = new Block.Output(
                leaf(output.hidden_BTC()), output.weights().map(Tensor::detach),
                output.crossWeights().map(Tensor::detach), output.routerLogits().map(GradientCheckpoints::leaf));
        pieces.push(new Layer(layer, Precision.current(), random, behind));
        return behind;
    }

    /** Goes backward from a scalar to all parameters. */
    public void backward(Tensor loss) {
        Tensor random = Seeds.state();
        loss.backward();
        while (!pieces.isEmpty()) {
            Scopes.run(() -> {
                List<Tensor> ends = new ArrayList<>();
                List<Tensor> gradients = new ArrayList<>();
                List<Piece> done = new ArrayList<>();
                do { // cuts in a row may share what lies before them, so that they go backward together
                    done.add(pieces.pop());
                    done.get(done.size() - 1).ends(ends, gradients);
                } while (done.get(0) instanceof Cut && pieces.peek() instanceof Cut);
                if (!ends.isEmpty()) {
                    torch.backward(vector(ends), vector(gradients), new BoolOptional(), false, new TensorVector());
                }
                done.forEach(Piece::close);
            });
        }
        Seeds.restore(random);
    }

    @Override
    public void close() {
        pieces.forEach(Piece::close);
        pieces.clear();
        OPEN.set(outer.orElse(null));
    }

    private static Tensor leaf(Tensor tensor) {
        return Scopes.keep(tensor.detach().set_requires_grad(true));
    }

    private static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.toArray(Tensor[]::new));
    }

    private static void collect(Tensor end, Tensor leaf, List<Tensor> ends, List<Tensor> gradients) {
        Tensor gradient = leaf.grad();
        if (gradient.defined()) {
            ends.add(end);
            gradients.add(gradient);
        }
    }

    /** A tensor whose graph is kept, and its leaf. */
    private record Cut(Tensor end, Tensor leaf) implements Piece {
        @Override
        public void ends(List<Tensor> ends, List<Tensor> gradients) {
            collect(end, leaf, ends, gradients);
        }

        @Override
        public void close() {
            end.close();
            leaf.close();
        }
    }

    /** A layer whose graph is made again, with the random numbers of the first time, and its leaves. */
    private record Layer(Supplier<Block.Output> layer, Precision precision, Tensor random, Block.Output leaves)
            implements Piece {
        @Override
        public void ends(List<Tensor> ends, List<Tensor> gradients) {
            Seeds.restore(random);
            Block.Output again = precision.compute(layer);
            collect(again.hidden_BTC(), leaves.hidden_BTC(), ends, gradients);
            again.routerLogits().ifPresent(logits -> collect(logits, leaves.routerLogits().get(), ends, gradients));
        }

        @Override
        public void close() {
            random.close();
            leaves.hidden_BTC().close();
            leaves.routerLogits().ifPresent(Tensor::close);
        }
    }
}
