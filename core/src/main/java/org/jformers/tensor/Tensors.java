package org.jformers.tensor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;

/**
 * Tensors from Java arrays and back, and from one device to another; the only place that makes any. What comes from an
 * array is on the host; what a module makes on its way is on the device of what it goes with.
 */
public final class Tensors {
    private static final Map<Double, Scalar> NUMBERS = new ConcurrentHashMap<>();
    private static final Map<Long, Scalar> INTEGERS = new ConcurrentHashMap<>();

    static {
        EngineStart.prepare();
    }

    private Tensors() {}

    /** An int64 tensor on the host, holding a copy of {@code values}, row-major. */
    public static Tensor ofLongs(long[] values, long... shape) {
        Tensor tensor = torch.empty(shape, options(ScalarType.Long, Device.CPU), null);
        if (values.length > 0) { // an empty tensor has no address
            tensor.data_ptr_long().put(values, 0, values.length);
        }
        return tensor;
    }

    /** An int64 tensor of shape [rows, columns] on the host. */
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

    /** A float32 tensor on the host, holding a copy of {@code values}, row-major. */
    public static Tensor ofFloats(float[] values, long... shape) {
        Tensor tensor = torch.empty(shape, options(ScalarType.Float, Device.CPU), null);
        if (values.length > 0) {
            tensor.data_ptr_float().put(values, 0, values.length);
        }
        return tensor;
    }

    /** The values of a tensor of any type as float32, row-major. */
    public static float[] toFloats(Tensor tensor) {
        return Scopes.get(() -> {
            Tensor plain = to(tensor.detach(), Device.CPU).to(ScalarType.Float).contiguous();
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
            Tensor plain = to(tensor, Device.CPU).to(ScalarType.Long).contiguous();
            long[] values = new long[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                LongPointer data = plain.data_ptr_long();
                data.get(values, 0, values.length);
            }
            return values;
        });
    }

    /**
     * The same tensor by a handle of its own: that of a part of a list of tensors, which is how the engine gives what
     * it splits, points into the list and ends with it.
     */
    public static Tensor handle(Tensor tensor) {
        return new Tensor(tensor);
    }

    /** The element type of a tensor, comparable with {@code ==} (the engine returns a new enum object each time). */
    public static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    /** Uninitialised memory of the host, of that type and shape. */
    public static Tensor empty(ScalarType type, long... shape) {
        return empty(Device.CPU, type, shape);
    }

    /** The same of a device. */
    public static Tensor empty(Device device, ScalarType type, long... shape) {
        MemoryBudget.spend(type, shape);
        return torch.empty(shape, options(type, device), null);
    }

    /** The bytes of a file as memory that is private to this process, uint8; the caller owns it. */
    public static Tensor mapped(Path file, long size) {
        // Kept past the scope that frees the options.
        return Scopes.get(() -> Scopes.keep(torch.from_file(
                new BytePointer(file.toString(), StandardCharsets.UTF_8),
                new BoolOptional(false),
                new LongOptional(size),
                new TensorOptions(ScalarType.Byte))));
    }

    /** {@code from}, {@code from + 1} ... {@code to - 1} as int64, on the host. */
    public static Tensor range(long from, long to) {
        long[] values = new long[Math.toIntExact(to - from)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from + i;
        }
        return ofLongs(values, values.length);
    }

    /** The same on the device of a tensor that it goes with. */
    public static Tensor range(long from, long to, Tensor like) {
        return like.is_cpu()
                ? range(from, to)
                : torch.arange(new Scalar(from), new Scalar(to), options(ScalarType.Long, Device.of(like)));
    }

    /** A tensor on the device of another one that it goes with: itself where it is there already. */
    public static Tensor beside(Tensor tensor, Tensor like) {
        return tensor.is_cpu() && like.is_cpu() ? tensor : to(tensor, Device.of(like));
    }

    /** A tensor on the device and in the type of another one. */
    public static Tensor alike(Tensor tensor, Tensor like) {
        return beside(tensor, like).to(type(like));
    }

    /**
     * A tensor on a device: itself where it is there already. What goes up is not waited for, what comes down is.
     *
     * @throws JformersException if it has no numbers to be taken elsewhere
     */
    public static Tensor to(Tensor tensor, Device device) {
        Device from = Device.of(tensor);
        if (from.equals(device)) {
            return tensor;
        }
        if (from.equals(Device.META)) {
            throw new JformersException("device: got a tensor on meta to bring to " + device
                    + ", which has a shape and no numbers; allowed cpu, cuda");
        }
        return tensor.to(
                device.handle(), type(tensor), !device.equals(Device.CPU), false, new MemoryFormatOptional());
    }

    /**
     * A constant that outlives every scope; for fields of layers, since making one costs as much as a small operator.
     * There is one for each value, which nobody owns.
     */
    public static Scalar constant(double value) {
        return NUMBERS.computeIfAbsent(value, number -> Scopes.keep(new Scalar(number)));
    }

    /** An integer constant that outlives every scope: comparing integers with it stays in integers. */
    public static Scalar constant(long value) {
        return INTEGERS.computeIfAbsent(value, number -> Scopes.keep(new Scalar(number)));
    }

    /**
     * A score that no softmax gives any share: -1e30, and in float16, which ends before, -65500. Those are the numbers
     * of XLNet and XLM in transformers 5.18.
     */
    public static Scalar never(ScalarType type) {
        return new Scalar(type == ScalarType.Half ? -65_500 : -1e30);
    }

    /**
     * Rows of a table, [V, C] and int64 [...] to [..., C]; ids that are elsewhere are taken to it.
     *
     * @param untrained row that gets no gradient, -1 for none
     */
    public static Tensor rows(Tensor table, Tensor ids, long untrained) {
        Tensor there = beside(ids, table);
        long[] shape = Arrays.copyOf(ids.shape(), Math.toIntExact(ids.dim() + 1));
        shape[shape.length - 1] = table.size(1);
        return shaped(table, shape, () -> torch.embedding(table, there, untrained, false, false));
    }

    /** Parts of a tensor along a dimension, by their places, which may be elsewhere. */
    public static Tensor pick(Tensor tensor, long dimension, Tensor places) {
        Tensor there = beside(places, tensor);
        long[] shape = tensor.shape();
        shape[Math.toIntExact(dimension)] = places.numel();
        return shaped(tensor, shape, () -> tensor.index_select(dimension, there));
    }

    /**
     * What an operator gives, of a shape that is known, for those whose shapes the engine does not know on {@link
     * Device#META}.
     *
     * @param like of its type, on its device
     */
    public static Tensor shaped(Tensor like, long[] shape, Supplier<Tensor> operator) {
        return like.is_meta() ? empty(Device.META, type(like), shape) : operator.get();
    }

    /** Joins tensors along a dimension. */
    public static Tensor cat(long dimension, Tensor... parts) {
        return torch.cat(new TensorVector(parts), dimension);
    }

    /** Stacks tensors along a new dimension. */
    public static Tensor stack(long dimension, Tensor... parts) {
        return torch.stack(new TensorVector(parts), dimension);
    }

    /**
     * Fills with normal random numbers, in place, from the generator of {@link Seeds}: the same on all devices.
     */
    public static void fillNormal(Tensor tensor, double mean, double deviation) {
        fill(tensor, host -> host.normal_(mean, deviation, Seeds.generator()));
    }

    /** Fills with uniform random numbers in {@code [low, high)}, in place, likewise. */
    public static void fillUniform(Tensor tensor, double low, double high) {
        fill(tensor, host -> host.uniform_(low, high, Seeds.generator()));
    }

    private static void fill(Tensor tensor, Consumer<Tensor> draw) {
        if (!tensor.is_cuda()) {
            draw.accept(tensor);
            return;
        }
        Scopes.run(() -> {
            Tensor host = empty(type(tensor), tensor.shape());
            draw.accept(host);
            tensor.copy_(host);
        });
    }

    private static TensorOptions options(ScalarType type, Device device) {
        TensorOptions options = new TensorOptions().dtype(new ScalarTypeOptional(type));
        return device.equals(Device.CPU) ? options : options.device(new DeviceOptional(device.handle()));
    }
}
