package org.jformers.tensor;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Tensors from Java arrays and back, and the constants that layers keep. */
public final class Tensors {
    static {
        EngineStart.prepare();
    }

    private Tensors() {}

    /** An int64 tensor holding a copy of {@code values}, row-major. */
    public static Tensor ofLongs(long[] values, long... shape) {
        Tensor tensor = torch.empty(shape, options(ScalarType.Long), null);
        if (values.length > 0) { // an empty tensor has no address
            tensor.data_ptr_long().put(values, 0, values.length);
        }
        return tensor;
    }

    /** An int64 tensor of shape [rows, columns]. */
    public static Tensor ofLongs(long[][] rows) {
        long columns = rows.length == 0 ? 0 : rows[0].length;
        long[] values = new long[(int) (rows.length * columns)];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row].length != columns) {
                throw new ShapeException(
                        "rows: expected " + columns + " values in row " + row + ", got " + rows[row].length);
            }
            System.arraycopy(rows[row], 0, values, (int) (row * columns), (int) columns);
        }
        return ofLongs(values, rows.length, columns);
    }

    /** A float32 tensor holding a copy of {@code values}, row-major. */
    public static Tensor ofFloats(float[] values, long... shape) {
        Tensor tensor = torch.empty(shape, options(ScalarType.Float), null);
        if (values.length > 0) {
            tensor.data_ptr_float().put(values, 0, values.length);
        }
        return tensor;
    }

    /** The values of a tensor of any type as float32, row-major. */
    public static float[] toFloats(Tensor tensor) {
        return Scopes.get(() -> {
            Tensor plain = tensor.detach().to(ScalarType.Float).contiguous();
            float[] values = new float[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                FloatPointer data = plain.data_ptr_float();
                data.get(values, 0, values.length);
            }
            return values;
        });
    }

    /** The values of an integer or boolean tensor as int64, row-major. */
    public static long[] toLongs(Tensor tensor) {
        return Scopes.get(() -> {
            Tensor plain = tensor.to(ScalarType.Long).contiguous();
            long[] values = new long[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                LongPointer data = plain.data_ptr_long();
                data.get(values, 0, values.length);
            }
            return values;
        });
    }

    /** The element type of a tensor, comparable with {@code ==} (the engine returns a new enum object each time). */
    public static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    /** Uninitialised memory of that type and shape. */
    public static Tensor empty(ScalarType type, long... shape) {
        MemoryBudget.spend(type, shape);
        return torch.empty(shape, options(type), null);
    }

    /** 0, 1, ... count - 1 as int64. */
    public static Tensor range(long from, long to) {
        long[] values = new long[Math.toIntExact(to - from)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from + i;
        }
        return ofLongs(values, values.length);
    }

    /**
     * A constant that outlives every scope; for fields of layers, since making one costs as much as a small operator.
     */
    public static Scalar constant(double value) {
        return Scopes.keep(new Scalar(value));
    }

    /** An integer constant that outlives every scope: comparing integers with it stays in integers. */
    public static Scalar constant(long value) {
        return Scopes.keep(new Scalar(value));
    }

    /**
     * A score that no softmax gives any share: -1e30, and in float16, which ends before, -65500. Those are the numbers
     * of XLNet and XLM in transformers 5.18.
     */
    public static Scalar never(ScalarType type) {
        return new Scalar(type == ScalarType.Half ? -65_500 : -1e30);
    }

    /** Joins tensors along a dimension. */
    public static Tensor cat(long dimension, Tensor... parts) {
        return torch.cat(new TensorVector(parts), dimension);
    }

    /** Stacks tensors along a new dimension. */
    public static Tensor stack(long dimension, Tensor... parts) {
        return torch.stack(new TensorVector(parts), dimension);
    }

    /** Fills with normal random numbers, in place, from the generator of {@link Seeds}. */
    public static void fillNormal(Tensor tensor, double mean, double deviation) {
        tensor.normal_(mean, deviation, Seeds.generator());
    }

    /** Fills with uniform random numbers in {@code [low, high)}, in place, from the generator of {@link Seeds}. */
    public static void fillUniform(Tensor tensor, double low, double high) {
        tensor.uniform_(low, high, Seeds.generator());
    }

    private static TensorOptions options(ScalarType type) {
        return new TensorOptions().dtype(new ScalarTypeOptional(type));
    }
}
