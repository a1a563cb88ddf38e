package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.tensor.DType;

/**
 * Reads the pickle of a PyTorch state dict into plain values. Format: pickle protocol 2 as {@code torch.save} writes
 * it.
 *
 * <p>Runs nothing and imports nothing: of the instructions it knows those that make plain values, of the names the
 * few that describe tensors, and it refuses everything else by name. There is no way around that.
 */
final class TensorPickle {
    /** A block of numbers in the archive. */
    record Storage(DType dtype, String key, long elements) {}

    /** A tensor: a view of a storage. Nothing is checked yet but the types. */
    record Strided(Storage storage, long offset, List<Long> sizes, List<Long> strides) {}

    private enum Callable { ORDERED_DICT, REBUILD_TENSOR, REBUILD_OLD_TENSOR, REBUILD_PARAMETER, SIZE }

    private record Tuple(List<Object> items) {}

    private enum None { NONE }

    private static final Map<String, Callable> CALLABLES = Map.of(
            "collections.OrderedDict", Callable.ORDERED_DICT,
            "torch._utils._rebuild_tensor_v2", Callable.REBUILD_TENSOR,
            "torch._utils._rebuild_tensor", Callable.REBUILD_OLD_TENSOR,
            "torch._utils._rebuild_parameter", Callable.REBUILD_PARAMETER,
            "torch.Size", Callable.SIZE);
    private static final Map<String, DType> STORAGES = Map.of(
            "torch.FloatStorage", DType.FLOAT32,
            "torch.HalfStorage", DType.FLOAT16,
            "torch.BFloat16Storage", DType.BFLOAT16,
            "torch.DoubleStorage", DType.FLOAT64,
            "torch.LongStorage", DType.INT64,
            "torch.IntStorage", DType.INT32,
            "torch.ShortStorage", DType.INT16,
            "torch.CharStorage", DType.INT8,
            "torch.ByteStorage", DType.UINT8,
            "torch.BoolStorage", DType.BOOL);

    /** Values that one pickle may make: thirty for each of a hundred thousand tensors. */
    private static final int MAX_VALUES = 3_000_000;

    /** Sizes of a tensor; the engine's iterators go no further. */
    static final int MAX_DIMENSIONS = 64;

    private static final int MAX_TEXT_BYTES = 1 << 16;
    private static final Tuple EMPTY = new Tuple(List.of());

    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private final Map<String, Storage> storages = new LinkedHashMap<>();
    private long values;

    /** Reads pickles, one after the other, from the position of a buffer on. */
    TensorPickle(ByteBuffer pickles) {
        in = pickles.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a whole pickle.
     *
     * @return the tensors by name, in their order
     * @throws IllegalArgumentException if it is anything but a dictionary of tensors; the message says what
     */
    static Map<String, Strided> read(ByteBuffer pickle) {
        TensorPickle whole = new TensorPickle(pickle);
        Map<String, Strided> tensors = whole.tensors();
        if (whole.in.hasRemaining()) {
            throw new IllegalArgumentException("the pickle does not end with one value");
        }
        return tensors;
    }

    /** The next pickle, a dictionary of tensors. */
    Map<String, Strided> tensors() {
        Object result = next(Map.class, "a dictionary of tensors");
        Map<String, Strided> tensors = new LinkedHashMap<>();
        Map<?, ?> dictionary = as(Map.class, result, "a dictionary of tensors");
        for (Map.Entry<?, ?> entry : dictionary.entrySet()) {
            String name = as(String.class, entry.getKey(), "a tensor's name");
            tensors.put(name, as(Strided.class, entry.getValue(), "a tensor as " + quote(name)));
        }
        return tensors;
    }

    /** The next pickle, a value of a type. */
    <T> T next(Class<T> type, String what) {
        try {
            return as(type, run(), what);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the pickle is cut off", e);
        }
    }

    /** The storages that the pickles read so far refer to, by name. */
    Map<String, Storage> storages() {
        return storages;
    }

    /** The place in the buffer behind the last pickle. */
    int position() {
        return in.position();
    }

    private Object run() {
        if (next() != 0x80 || next() != 2) {
            throw new IllegalArgumentException("the pickle is not of protocol 2");
        }
        stack.clear();
        memo.clear();
        for (int code = next(); code != '.'; code = next()) {
            int before = stack.size();
            step(code);
            // What is taken up by tuples, lists and the memory stays there.
            values += Math.max(1, stack.size() - before);
            if (values > MAX_VALUES) {
                throw new IllegalArgumentException("the pickle needs more than " + MAX_VALUES + " values");
            }
        }
        if (stack.size() != 1 || !marks.isEmpty()) {
            throw new IllegalArgumentException("the pickle does not end with one value");
        }
        return stack.get(0);
    }

    private void step(int code) {
        switch (code) {
            case '(' -> marks.add(stack.size());
            case 'N' -> stack.add(None.NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) in.getInt());
            case 'K' -> stack.add((long) next());
            case 'M' -> stack.add(Short.toUnsignedLong(in.getShort()));
            case 0x8a -> stack.add(whole(next()));
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X' -> stack.add(text(in.getInt()));
            case 'U' -> stack.add(text(next()));
            case '}' -> stack.add(new LinkedHashMap<>());
            case ']' -> stack.add(new ArrayList<>());
            case ')' -> stack.add(EMPTY);
            case 't' -> stack.add(new Tuple(popToMark()));
            case 0x85 -> stack.add(new Tuple(pop(1)));
            case 0x86 -> stack.add(new Tuple(pop(2)));
            case 0x87 -> stack.add(new Tuple(pop(3)));
            case 'a' -> append(pop(1));
            case 'e' -> append(popToMark());
            case 's' -> put(pop(2));
            case 'u' -> put(popToMark());
            case 'q' -> memo.put(next(), top());
            case 'r' -> memo.put(in.getInt(), top());
            case 'h' -> stack.add(remembered(next()));
            case 'j' -> stack.add(remembered(in.getInt()));
            case 'c' -> stack.add(global(line() + "." + line()));
            case 'Q' -> stack.add(storage(as(Tuple.class, pop(), "the tuple of a storage").items()));
            case 'R' -> reduce();
            case 'b' -> build();
            default -> throw new IllegalArgumentException(
                    String.format("the pickle uses instruction 0x%02x, which weights do not need", code));
        }
    }

    private static Object global(String name) {
        if (CALLABLES.containsKey(name)) {
            return CALLABLES.get(name);
        }
        if (STORAGES.containsKey(name)) {
            return STORAGES.get(name);
        }
        throw new IllegalArgumentException("the pickle refers to " + quote(name) + ", which weights do not need");
    }

    /**
     * A sixth part, of files before 1.6, says of which other storage this one is a part: none in any file since 0.4.
     */
    private Storage storage(List<Object> id) {
        boolean known = id.size() == 5 || id.size() == 6 && id.get(5) == None.NONE;
        if (!known || !"storage".equals(id.get(0))) {
            throw new IllegalArgumentException("the pickle refers to something outside that is no storage");
        }
        Storage storage = new Storage(
                as(DType.class, id.get(1), "a storage's type"),
                as(String.class, id.get(2), "a storage's name"),
                as(Long.class, id.get(4), "a storage's size"));
        Storage other = storages.putIfAbsent(storage.key(), storage);
        if (other != null && !other.equals(storage)) {
            throw new IllegalArgumentException("the pickle describes storage " + quote(storage.key()) + " twice, as "
                    + other + " and as " + storage);
        }
        return storage;
    }

    private void reduce() {
        List<Object> arguments = as(Tuple.class, pop(), "a tuple of arguments").items();
        Callable callable = as(Callable.class, pop(), "a known function");
        int size = arguments.size();
        if (callable == Callable.ORDERED_DICT && size == 0) {
            stack.add(new LinkedHashMap<>());
        } else if (callable == Callable.ORDERED_DICT && size == 1) {
            stack.add(new LinkedHashMap<>());
            for (Object pair : as(List.class, arguments.get(0), "a list of pairs")) {
                put(pair(pair)); // as Python 2 wrote it
            }
        } else if (callable == Callable.SIZE && size == 1) {
            stack.add(as(Tuple.class, arguments.get(0), "a tuple of sizes"));
        } else if (callable == Callable.REBUILD_PARAMETER && size == 3) {
            stack.add(as(Strided.class, arguments.get(0), "a tensor"));
        } else if (callable == Callable.REBUILD_TENSOR && (size == 6 || size == 7)
                || callable == Callable.REBUILD_OLD_TENSOR && size == 4) {
            stack.add(new Strided(
                    as(Storage.class, arguments.get(0), "a storage"),
                    as(Long.class, arguments.get(1), "an offset"),
                    numbers(arguments.get(2)),
                    numbers(arguments.get(3))));
        } else {
            throw new IllegalArgumentException("the pickle calls " + callable + " with " + size + " arguments");
        }
    }

    private static List<Long> numbers(Object tuple) {
        List<Object> items = as(Tuple.class, tuple, "a tuple of sizes").items();
        if (items.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException(
                    "the pickle has a tensor of " + items.size() + " sizes, at most "
                            + MAX_DIMENSIONS + " are allowed");
        }
        return items.stream().map(item -> as(Long.class, item, "a size")).toList();
    }

    private static List<Object> pair(Object value) {
        List<?> items = value instanceof Tuple tuple ? tuple.items() : as(List.class, value, "a pair");
        if (items.size() != 2) {
            throw new IllegalArgumentException("the pickle has a pair of " + items.size() + " values");
        }
        return List.copyOf(items);
    }

    /** The attributes of a state dict, such as the versions of its modules; they hold no weights. */
    private void build() {
        as(Map.class, pop(), "a dictionary of attributes");
        as(Map.class, top(), "a dictionary that gets attributes");
    }

    private void append(List<Object> items) {
        @SuppressWarnings("unchecked") // only this class makes lists
        List<Object> list = as(List.class, top(), "a list");
        list.addAll(items);
    }

    private void put(List<Object> items) {
        @SuppressWarnings("unchecked") // only this class makes maps
        Map<Object, Object> map = as(Map.class, top(), "a dictionary");
        if (items.size() % 2 != 0) {
            throw new IllegalArgumentException("the pickle has a key without a value");
        }
        for (int i = 0; i < items.size(); i += 2) {
            Object key = items.get(i);
            if (!(key instanceof String) && !(key instanceof Long)) {
                throw new IllegalArgumentException("the pickle has a key that is neither text nor number");
            }
            if (map.put(key, items.get(i + 1)) != null) {
                throw new IllegalArgumentException("the pickle has " + quote(key.toString()) + " twice");
            }
        }
    }

    private Object remembered(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new IllegalArgumentException("the pickle repeats a value that it did not remember");
        }
        return value;
    }

    private Object top() {
        if (stack.size() <= floor()) {
            throw new IllegalArgumentException("the pickle lacks a value");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() {
        return pop(1).get(0);
    }

    private List<Object> pop(int count) {
        if (stack.size() - count < floor()) {
            throw new IllegalArgumentException("the pickle lacks a value");
        }
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> items = new ArrayList<>(tail);
        tail.clear();
        return items;
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw new IllegalArgumentException("the pickle lacks a mark");
        }
        List<Object> items = pop(stack.size() - floor());
        marks.remove(marks.size() - 1);
        return items;
    }

    /** Values below the last mark belong to somebody else. */
    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private long whole(int bytes) {
        if (bytes > Long.BYTES) {
            throw new IllegalArgumentException("the pickle has a number of " + bytes + " bytes");
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << (8 * i);
        }
        int unused = Long.SIZE - 8 * bytes;
        return bytes == 0 ? 0 : value << unused >> unused;
    }

    private String text(int bytes) {
        if (bytes < 0 || bytes > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("the pickle has a text of " + Integer.toUnsignedString(bytes)
                    + " bytes, at most " + MAX_TEXT_BYTES + " are allowed");
        }
        byte[] text = new byte[bytes];
        in.get(text);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the pickle has a text that is not UTF-8", e);
        }
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (int c = next(); c != '\n'; c = next()) {
            line.append((char) c);
            if (line.length() > MAX_TEXT_BYTES) {
                throw new IllegalArgumentException("the pickle has an endless name");
            }
        }
        return line.toString();
    }

    private int next() {
        return Byte.toUnsignedInt(in.get());
    }

    private static <T> T as(Class<T> type, Object value, String what) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("the pickle should have " + what + " and has another value");
        }
        return type.cast(value);
    }
}
