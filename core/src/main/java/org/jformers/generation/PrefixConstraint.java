package org.jformers.generation;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.tensor.Tensors;

/**
 * Leaves the tokens that may follow. Where other settings have ruled out all of them, in all beams of a prompt, they
 * get score 0: what is allowed here holds before that.
 *
 * @param allowed which tokens may follow a text
 * @param beams how many rows a prompt has
 */
record PrefixConstraint(AllowedTokens allowed, int beams) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        Tensor mask_BV = scores_BV.clone().fill_(new Scalar(Banned.IMPOSSIBLE));
        for (int row = 0; row < ids_BS.length; row++) {
            long[] tokens = Arrays.stream(allowed.after(ids_BS[row])).asLongStream().toArray();
            if (tokens.length == 0) {
                throw new ConfigException("generation: got no allowed tokens behind a text of " + ids_BS[row].length
                        + " tokens, allowed at least one");
            }
            Banned.requireKnown("allowed token", tokens, scores_BV.size(1));
            mask_BV.select(0, row).index_fill_(0, Tensors.ofLongs(tokens, tokens.length), new Scalar(0));
        }
        Tensor left_BV = scores_BV.add(mask_BV);
        float[] best_B = Tensors.toFloats(left_BV.amax(new long[] {-1}, false));
        for (int first = 0; first < best_B.length; first += beams) {
            boolean none = true;
            for (int row = first; row < first + beams; row++) {
                none &= best_B[row] == Float.NEGATIVE_INFINITY;
            }
            if (none) {
                left_BV.narrow(0, first, beams).copy_(mask_BV.narrow(0, first, beams));
            }
        }
        return left_BV;
    }
}
