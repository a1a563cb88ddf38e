package org.jformers.nn.stack;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.block.Block;
import org.jformers.tensor.Scopes;

/**
 * One way through the layers of a stack: each runs in a scope of its own, leaves what is asked for, and forgets the
 * rest where its backward pass will compute it again.
 *
 * @param checkpoints those that are open, if the layers take part
 * @param capture what is asked for
 */
record Pass(Optional<GradientCheckpoints> checkpoints, Capture capture) {

    /** In front of the first layer, what all layers read goes through here. */
    Tensor cut(Tensor tensor) {
        return checkpoints.map(open -> open.cut(tensor)).orElse(tensor);
    }

    /**
     * Runs a layer.
     *
     * @param layer reads tensors that have gone through {@link #cut} or come from an earlier layer
     * @param behind what becomes of its hidden state
     */
    Tensor through(Supplier<Block.Output> layer, UnaryOperator<Tensor> behind) {
        return Scopes.scoped(() -> {
            Block.Output output = checkpoints.isPresent() ? checkpoints.get().run(layer) : layer.get();
            capture.inside(output);
            return behind.apply(output.hidden_BTC());
        });
    }

    /** Gives up what a layer made and the next has read, unless it was asked for or will be read again. */
    void forget(Tensor hidden_BTC) {
        if (checkpoints.isEmpty() && !capture.wantHidden()) {
            hidden_BTC.close();
        }
    }
}
