package org.jformers.nn.mask;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A token sees only its own document among those packed into one row.
 *
 * @param lengths lengths of the documents in order; positions behind the last belong to one more document
 */
public record DocumentMask(List<Integer> lengths) implements Mask {
    public DocumentMask {
        lengths = List.copyOf(lengths);
        if (lengths.stream().anyMatch(length -> length < 1)) {
            throw new IllegalArgumentException("lengths: got " + lengths + ", allowed >= 1 each");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return document(query_T1).eq(document(key_1S));
    }

    /** How many documents have ended at each position. */
    private Tensor document(Tensor positions) {
        Tensor ended = torch.zeros_like(positions);
        long end = 0;
        for (int length : lengths) {
            end += length;
            ended = ended.add(positions.ge(new Scalar(end)));
        }
        return ended;
    }
}
