package org.jformers.checkpoint.packed;

import java.util.Arrays;
import java.util.List;
import org.jformers.tensor.DType;

/** What the tensors of a quantized weight must be; messages say what, got, allowed. */
record PackedChecks(PackedParts stored, String weight) {
    /** Refuses a tensor that is not there, or of another type. */
    PackedChecks type(String name, DType... types) {
        if (!stored.names().contains(name)) {
            throw new IllegalArgumentException("quantized weight '" + weight + "' lacks '" + name + "'");
        }
        if (!Arrays.asList(types).contains(stored.dtype(name))) {
            throw new IllegalArgumentException("quantized weight '" + weight + "': got '" + name + "' of "
                    + stored.dtype(name).configName() + ", allowed "
                    + String.join(", ", Arrays.stream(types).map(DType::configName).toList()));
        }
        return this;
    }

    /** Refuses a tensor of other sizes. */
    PackedChecks shape(String name, long... sizes) {
        List<Long> wanted = Arrays.stream(sizes).boxed().toList();
        if (!stored.shape(name).equals(wanted)) {
            throw new IllegalArgumentException("quantized weight '" + weight + "': got '" + name + "' of shape "
                    + stored.shape(name) + ", allowed " + wanted);
        }
        return this;
    }

    /** The sizes of a matrix. */
    int[] matrix(String name) {
        List<Long> shape = stored.shape(name);
        if (shape.size() != 2 || shape.get(0) < 1 || shape.get(1) < 1
                || shape.get(0) > Integer.MAX_VALUE / 64 || shape.get(1) > Integer.MAX_VALUE / 64) {
            throw new IllegalArgumentException(
                    "quantized weight '" + weight + "': got '" + name + "' of shape " + shape + ", allowed a matrix");
        }
        return new int[] {shape.get(0).intValue(), shape.get(1).intValue()};
    }

    /** Refuses what the caller found. */
    IllegalArgumentException wrong(String what, Object got, Object allowed) {
        return new IllegalArgumentException(
                "quantized weight '" + weight + "': got " + what + " " + got + ", allowed " + allowed);
    }
}
