package org.jformers.model.convert;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.tensor.Tensors;

/**
 * The variables of a {@code model.bin} of CTranslate2, format 2, as float32. Little-endian: the format, the
 * architecture, its revision, a count; per variable a name, a rank and that many sizes, bytes of an item, items, and
 * those. Names have their length in front and end in a zero. Items of one or two bytes are integers, to be divided by
 * the variable of the same name and {@code _scale}, which has one value or one for each row.
 *
 * @param architecture name of the model's description
 * @param variables by name
 */
record CTranslate2File(String architecture, Map<String, Variable> variables) {
    private static final int FORMAT = 2;
    /** What integers of two bytes are divided by in files that do not say it. */
    private static final float SHORT_SCALE = 1000;
    private static final int LONGEST_NAME = 1024;

    /** One variable; its data lie at the buffer's position. */
    record Variable(long[] shape, int itemBytes, ByteBuffer data) {
        float[] floats() {
            ByteBuffer in = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[in.remaining() / itemBytes];
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (itemBytes) {
                    case 1 -> in.get();
                    case 2 -> in.getShort();
                    default -> in.getFloat();
                };
            }
            return values;
        }
    }

    /** Whether a file begins as one of format 2 does. */
    static boolean matches(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer start = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(start);
            start.flip();
            return start.remaining() == 24 && start.getInt() == FORMAT && start.getShort() > "Transformer".length()
                    && new String(start.array(), 6, 11, StandardCharsets.US_ASCII).equals("Transformer");
        } catch (IOException e) {
            throw failure(file, "cannot be read, " + e.getMessage());
        }
    }

    /** Reads a whole file; throws {@link CheckpointException} if it is damaged. */
    static CTranslate2File read(Path file) {
        try {
            if (Files.size(file) > Integer.MAX_VALUE) {
                throw failure(file, "has " + Files.size(file) + " bytes, allowed at most " + Integer.MAX_VALUE);
            }
            return parse(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN), file);
        } catch (BufferUnderflowException e) {
            throw failure(file, "ends too early");
        } catch (IOException e) {
            throw failure(file, "cannot be read, " + e.getMessage());
        }
    }

    private static CTranslate2File parse(ByteBuffer in, Path file) {
        in.getInt(); // the format, which was looked at before
        String architecture = string(in, file);
        in.getInt(); // revision
        int count = in.getInt();
        Map<String, Variable> variables = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = string(in, file);
            long[] shape = new long[Byte.toUnsignedInt(in.get())];
            long items = 1;
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = Integer.toUnsignedLong(in.getInt());
                items *= shape[axis];
            }
            int itemBytes = in.get();
            long stored = Integer.toUnsignedLong(in.getInt());
            boolean known = itemBytes == 1 || itemBytes == 2 || itemBytes == 4;
            if (!known || stored != items || stored * itemBytes > in.remaining()) {
                throw failure(file, "has " + stored + " items of " + itemBytes + " bytes under " + name + ", shape "
                        + Arrays.toString(shape) + ", and " + in.remaining() + " bytes left");
            }
            int bytes = (int) (stored * itemBytes);
            variables.put(name, new Variable(shape, itemBytes, in.slice(in.position(), bytes)));
            in.position(in.position() + bytes);
        }
        return new CTranslate2File(architecture, variables);
    }

    private static String string(ByteBuffer in, Path file) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length < 1 || length > LONGEST_NAME) {
            throw failure(file, "has a name of " + length + " bytes, allowed 1 to " + LONGEST_NAME);
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, 0, length - 1, StandardCharsets.UTF_8);
    }

    boolean has(String name) {
        return variables.containsKey(name);
    }

    /** A variable as float32; throws {@link CheckpointException} if it is not there. */
    Tensor tensor(String name) {
        Variable variable = variables.get(name);
        if (variable == null) {
            throw new CheckpointException("CTranslate2: " + name + " is missing, there are " + variables.size()
                    + " variables of " + architecture);
        }
        Tensor values = Tensors.ofFloats(variable.floats(), variable.shape());
        if (variable.itemBytes() == Float.BYTES) {
            return values;
        }
        Variable scale = variables.get(name + "_scale");
        if (scale == null && variable.itemBytes() == Byte.BYTES) {
            throw new CheckpointException("CTranslate2: " + name + "_scale is missing");
        }
        float[] divisors = scale == null ? new float[] {SHORT_SCALE} : scale.floats();
        long[] column = new long[variable.shape().length];
        Arrays.fill(column, 1);
        column[0] = divisors.length;
        return values.div(Tensors.ofFloats(divisors, column));
    }

    private static CheckpointException failure(Path file, String what) {
        return new CheckpointException("CTranslate2: the file " + what + ", " + file);
    }
}
