package org.jformers.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * How two tensors differ.
 *
 * @param shape shape of the tensor in question
 * @param expectedShape shape that it should have
 * @param compared number of elements that were compared; 0 if the shapes differ
 * @param beyond how many of them are beyond the tolerance
 * @param error the largest distance: of those beyond the tolerance if there are any, otherwise of all
 * @param where index of that element
 * @param got its value
 * @param expected the value that it should have
 */
public record Difference(
        List<Long> shape,
        List<Long> expectedShape,
        long compared,
        long beyond,
        double error,
        List<Long> where,
        double got,
        double expected) {

    /** Compares all elements. */
    public static Difference between(Tensor got, Tensor expected, Tolerance tolerance) {
        return between(got, expected, tolerance, index -> true);
    }

    /** Compares the elements at the chosen places. */
    static Difference between(Tensor got, Tensor expected, Tolerance tolerance, Predicate<long[]> chosen) {
        long[] shape = got.shape();
        long[] expectedShape = expected.shape();
        if (!Arrays.equals(shape, expectedShape)) {
            return new Difference(list(shape), list(expectedShape), 0, 0, 0, List.of(), 0, 0);
        }
        double[] values = values(got);
        double[] wanted = values(expected);
        long compared = 0;
        long beyond = 0;
        double error = -1;
        int worst = -1;
        for (int i = 0; i < values.length; i++) {
            if (!chosen.test(index(i, shape))) {
                continue;
            }
            compared++;
            double distance = Tolerance.error(values[i], wanted[i]);
            boolean accepted = tolerance.accepts(values[i], wanted[i]);
            if (accepted ? beyond == 0 && distance > error : beyond == 0 || distance > error) {
                error = distance;
                worst = i;
            }
            beyond += accepted ? 0 : 1;
        }
        return worst < 0
                ? new Difference(list(shape), list(expectedShape), 0, 0, 0, List.of(), 0, 0)
                : new Difference(list(shape), list(expectedShape), compared, beyond, error,
                        list(index(worst, shape)), values[worst], wanted[worst]);
    }

    /** Whether the shapes are equal and every compared element is within the tolerance; there must be one. */
    public boolean accepted() {
        return shape.equals(expectedShape) && beyond == 0 && (compared > 0 || shape.contains(0L));
    }

    /** What is wrong, or how good it is, in one line. */
    public String describe() {
        if (!shape.equals(expectedShape)) {
            return "shape " + shape + ", expected " + expectedShape;
        }
        if (compared == 0) {
            return "nothing to compare, shape " + shape;
        }
        String text = String.format(Locale.ROOT, "max error %.2g at %s (got %.9g, expected %.9g)",
                error, where, got, expected);
        return beyond == 0
                ? text
                : text + ", " + beyond + " of " + compared + " values beyond the tolerance, shape " + shape;
    }

    private static double[] values(Tensor tensor) {
        return Scopes.get(() -> {
            Tensor plain = Tensors.to(tensor.detach(), Device.CPU).to(ScalarType.Double).contiguous();
            double[] values = new double[Math.toIntExact(plain.numel())];
            if (values.length > 0) { // an empty tensor has no address
                DoublePointer data = plain.data_ptr_double();
                data.get(values, 0, values.length);
            }
            return values;
        });
    }

    private static long[] index(long flat, long[] shape) {
        long[] index = new long[shape.length];
        long rest = flat;
        for (int i = shape.length - 1; i >= 0; i--) {
            index[i] = rest % shape[i];
            rest /= shape[i];
        }
        return index;
    }

    private static List<Long> list(long[] values) {
        return LongStream.of(values).boxed().toList();
    }
}
