package org.jformers.nn;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** A tensor that a checkpoint stores, how it starts, and whether training changes it. */
public final class Parameter {
    private final Tensor tensor;
    private final Role role;
    private boolean frozen;
    private boolean random;

    /** What a parameter does in its module. */
    public enum Role {
        /** Matrix of a linear map, [out, in]. */
        WEIGHT,
        /** Matrix whose output is added to the residual stream. */
        RESIDUAL_WEIGHT,
        /** Several matrices that read the same input, stacked along their outputs. */
        STACKED_WEIGHT,
        /** Matrix to queries alone. */
        QUERY_WEIGHT,
        /** Matrix to queries, keys and values, stacked in that order. */
        QUERY_STACKED_WEIGHT,
        /** Table of biases on attention scores, [buckets, heads]. */
        POSITION_BIAS,
        /** Table of vectors, [entries, width]. */
        EMBEDDING,
        /** Table, or single number, that starts as its module made it. */
        PRESET,
        /** Added constant. */
        BIAS,
        /** Scale of a norm, close to one. */
        SCALE,
        /** What a norm adds to a scale of one, close to zero. */
        SCALE_OFFSET,
        /** Vector that stands for what training hides, and for nothing otherwise. */
        HIDING_VECTOR,
        /** What a norm has counted: stored, not trained. */
        STATISTIC,
        /** Constant that its module computes; it is stored but not trained. */
        BUFFER,
        /** Matrix that is added to another one by an adapter; not part of the model's own checkpoint. */
        ADAPTER
    }

    /**
     * @param tensor the values; owned by the module that made it
     * @param role what the tensor does, which decides its first value and whether weight decay applies
     */
    public Parameter(Tensor tensor, Role role) {
        this.tensor = tensor;
        this.role = role;
    }

    /** The values. */
    public Tensor tensor() {
        return tensor;
    }

    /** What it does. */
    public Role role() {
        return role;
    }

    /** Number of values. */
    public long size() {
        return tensor.numel();
    }

    /** True for the matrices and tables; biases and norms are left out of weight decay (H-R05). */
    public boolean decays() {
        boolean number = role == Role.PRESET && tensor.dim() == 0;
        return role != Role.BIAS && role != Role.SCALE && role != Role.SCALE_OFFSET && !number && trainable();
    }

    /** False for what is stored in checkpoints but never has a gradient. */
    public boolean trainable() {
        return role != Role.BUFFER && role != Role.STATISTIC;
    }

    /** Whether a model that is not being trained computes the same without a checkpoint's values for it. */
    public boolean dispensable() {
        return role == Role.BUFFER || role == Role.HIDING_VECTOR || role == Role.PRESET && tensor.dim() > 0;
    }

    /** Whether training changes it: what can be trained and is not frozen. */
    public boolean trained() {
        return trainable() && !frozen;
    }

    /** Whether its values were drawn although the rest of its model has those of a checkpoint. */
    public boolean random() {
        return random;
    }

    /** Says that the checkpoint that its model comes from has no values for it. */
    public void markRandom() {
        random = true;
    }

    /** Whether it has as many values along each dimension as another one. */
    public boolean hasShapeOf(Parameter other) {
        return Arrays.equals(tensor.shape(), other.tensor.shape());
    }

    /**
     * Makes it the tensor of another parameter wherever its module uses it: both are one and learn together, and
     * whoever is closed first leaves it to the other.
     *
     * @throws IllegalArgumentException if that has another shape
     */
    public void become(Parameter other) {
        if (!hasShapeOf(other)) {
            throw new IllegalArgumentException("parameter: got shape " + Arrays.toString(other.tensor.shape())
                    + " to share, allowed " + Arrays.toString(tensor.shape()));
        }
        tensor.put(other.tensor);
    }

    /** Takes it out of training (true) or back in (false); frozen parameters get no gradient. */
    public void freeze(boolean on) {
        if (trainable()) {
            frozen = on;
            tensor.set_requires_grad(!on);
        }
    }
}
