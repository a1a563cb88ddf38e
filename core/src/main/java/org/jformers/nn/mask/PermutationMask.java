package org.jformers.nn.mask;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * Prediction in another order than left to right. Source: XLNet, arXiv:1906.08237, 2.3: the content stream of a token
 * sees the tokens up to itself in that order, its query stream only those before it.
 *
 * @param order {@code order[i]} is the position predicted as the i-th; a permutation of 0 ... length - 1
 * @param stream which of the two streams
 */
public record PermutationMask(List<Integer> order, Stream stream) implements Mask {

    /** What a token knows of itself. */
    public enum Stream {
        /** Sees itself: its state carries its content. */
        CONTENT,
        /** Does not see itself: its state predicts it. */
        QUERY
    }

    public PermutationMask {
        order = List.copyOf(order);
        if (!order.stream().sorted().toList().equals(IntStream.range(0, order.size()).boxed().toList())) {
            throw new IllegalArgumentException(
                    "order: got " + order + ", allowed a permutation of 0 to " + (order.size() - 1));
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        long[] rank = new long[order.size()];
        for (int i = 0; i < rank.length; i++) {
            rank[order.get(i)] = i;
        }
        Tensor ranks = Tensors.ofLongs(rank, rank.length);
        Tensor queryRank_T1 = ranks.index_select(0, query_T1.flatten()).view(query_T1.shape());
        Tensor keyRank_1S = ranks.index_select(0, key_1S.flatten()).view(key_1S.shape());
        return stream == Stream.CONTENT ? keyRank_1S.le(queryRank_T1) : keyRank_1S.lt(queryRank_T1);
    }
}
