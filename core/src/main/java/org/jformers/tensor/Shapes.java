package org.jformers.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Checks of shapes, for the public edges. */
public final class Shapes {
    private Shapes() {}

    /** Size of the last dimension. */
    public static int last(Tensor tensor) {
        return Math.toIntExact(tensor.size(-1));
    }

    /**
     * Requires a shape.
     *
     * @param name how the caller names the tensor
     * @param tensor the tensor to check
     * @param sizes the expected sizes; -1 stands for any size
     * @throws ShapeException naming the expected and the actual shape
     */
    public static void require(String name, Tensor tensor, long... sizes) {
        long[] shape = tensor.shape();
        boolean fits = shape.length == sizes.length;
        for (int i = 0; fits && i < sizes.length; i++) {
            fits = sizes[i] == -1 || sizes[i] == shape[i];
        }
        if (!fits) {
            throw new ShapeException(name + ": expected " + Arrays.toString(sizes) + ", got " + Arrays.toString(shape));
        }
    }

    /**
     * Requires a tensor of whole numbers, such as ids and classes.
     *
     * @param name how the caller names the tensor
     * @throws ShapeException naming the type found
     */
    public static void requireWhole(String name, Tensor tensor) {
        ScalarType type = Tensors.type(tensor);
        if (type != ScalarType.Long && type != ScalarType.Int) {
            throw new ShapeException(name + ": got numbers of type " + type + ", allowed Long and Int");
        }
    }

    /**
     * Requires every value of an integer tensor to lie in {@code [0, limit)}; the engine itself reads past the table.
     *
     * @param name how the caller names the tensor
     * @param ids integer tensor of any shape
     * @param limit first value that is too large
     * @throws ShapeException naming the smallest or largest value found
     */
    public static void requireIds(String name, Tensor ids, long limit) {
        if (ids.numel() == 0) {
            return;
        }
        Scopes.run(() -> {
            long low = ids.min().item_long();
            long high = ids.max().item_long();
            if (low < 0 || high >= limit) {
                throw new ShapeException(name + ": got " + (low < 0 ? low : high) + ", allowed 0 to " + (limit - 1));
            }
        });
    }
}
