package org.jformers.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/**
 * A linear map whose matrix has trained matrices of low rank added to it, each to some of its rows: W x + s B (A x). A
 * map that holds queries, keys and values in one matrix may so be changed for the queries alone. Source:
 * arXiv:2106.09685.
 *
 * <p>A and B are float32. The sum has the type of W's product.
 *
 * <p>Dimensions: r rank, in and out of the map.
 */
public final class LowRank extends Module implements Linear.Kernel {
    private final List<Added> added = new ArrayList<>();
    private final long rows;

    /**
     * What is added to some rows.
     *
     * @param first the first row
     * @param rows number of rows
     * @param rank r
     * @param scale s
     * @param dropout rate on the input, in [0, 1)
     */
    public record Part(long first, long rows, int rank, double scale, double dropout) {
        public Part {
            if (rank < 1 || first < 0 || rows < 1) {
                throw new IllegalArgumentException("low rank: got rank " + rank + " for " + rows + " rows from " + first
                        + ", allowed rank >= 1 and some rows");
            }
        }
    }

    private record Added(Part part, Tensor down_rI, Tensor up_Or, Scalar scale, Dropout dropout) {}

    /**
     * @param in width of the input
     * @param out width of the output
     * @param parts what is added, none twice to a row
     */
    public LowRank(long in, long out, List<Part> parts) {
        rows = out;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            added.add(new Added(part,
                    parameter(i + ".A", Role.ADAPTER, part.rank(), in),
                    parameter(i + ".B", Role.ADAPTER, part.rows(), part.rank()),
                    Tensors.constant(part.scale()), new Dropout(part.dropout())));
        }
    }

    /** A of a part, [r, in]. */
    public Tensor down(int part) {
        return added.get(part).down_rI();
    }

    /** B of a part, [rows, r]. */
    public Tensor up(int part) {
        return added.get(part).up_Or();
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        Tensor y = Linear.apply(x, weight, bias);
        for (Added one : added) {
            // A and B stay in float32, whatever the model's own weights are.
            Tensor input = one.dropout().forward(x, training()).to(Tensors.type(one.down_rI()));
            Tensor low = Linear.apply(input, one.down_rI(), Optional.empty());
            Tensor change = Linear.apply(low, one.up_Or(), Optional.empty()).mul(one.scale());
            Tensor changed = one.part().rows() == rows ? y : y.narrow(-1, one.part().first(), one.part().rows());
            changed.add_(change);
        }
        return y;
    }
}
