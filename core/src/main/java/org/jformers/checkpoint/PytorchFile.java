package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;

/**
 * A weight file that {@code torch.save} wrote from a state dict ({@code pytorch_model.bin}), whose tensors are views
 * of one memory map. Format: an uncompressed zip archive with a pickle and one entry per storage, PyTorch 1.6 and
 * later; before, pickles and behind them the storages.
 *
 * <p>The file is input from outside: no code in it runs, whatever it asks for ({@link TensorPickle}), and each tensor
 * is checked to lie inside its storage, each storage inside the file, before the engine sees any of it. Owns the map.
 */
public final class PytorchFile implements TensorFile {
    private static final int MAX_PICKLE_BYTES = 32_000_000;
    private static final String PICKLE = "/data.pkl";

    /** The pickle of the number 0x1950a86a20f9469cfc6c, with which a file of PyTorch before 1.6 begins. */
    private static final byte[] LEGACY = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");

    private static final long LEGACY_VERSION = 1001;

    private final Path path;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, Placed> places;
    private final MappedBytes map;

    /** A checked tensor and where its storage is. */
    private record Placed(TensorPickle.Strided tensor, StoredZip.Entry storage) {
        DType dtype() {
            return tensor.storage().dtype();
        }

        /** The place of the first element in the file; that of the storage if there is none. */
        long begin() {
            return span() == 0 ? storage.offset() : storage.offset() + tensor.offset() * dtype().bytes();
        }

        /** How many elements of the storage lie between the first and the last one of the tensor, both included. */
        long span() {
            long last = 0;
            for (int i = 0; i < tensor.sizes().size(); i++) {
                if (tensor.sizes().get(i) == 0) {
                    return 0;
                }
                last += (tensor.sizes().get(i) - 1) * tensor.strides().get(i);
            }
            return last + 1;
        }
    }

    private PytorchFile(Path path, Map<String, Placed> places, MappedBytes map) {
        this.path = path;
        this.places = places;
        this.map = map;
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        places.forEach((name, placed) -> infos.put(name, info(name, placed)));
        tensors = Collections.unmodifiableMap(infos);
    }

    /**
     * Checks the archive and maps the file.
     *
     * @throws CheckpointException if the file cannot be read or is anything but a dictionary of tensors
     */
    public static PytorchFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new CheckpointException("cannot read " + path + ": no such file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            Map<String, Placed> places = read(channel, path);
            return new PytorchFile(path, places, MappedBytes.of(path, channel.size()));
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + path + ": " + CheckpointException.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("not a PyTorch weight file: " + e.getMessage() + ", in " + path, e);
        }
    }

    private static Map<String, Placed> read(FileChannel channel, Path path) throws IOException {
        long size = channel.size();
        if (size >= LEGACY.length && StoredZip.bytes(channel, 0, LEGACY.length).equals(ByteBuffer.wrap(LEGACY))) {
            return legacy(StoredZip.bytes(channel, 0, (int) Math.min(size, MAX_PICKLE_BYTES)), channel);
        }
        Map<String, StoredZip.Entry> entries = StoredZip.read(channel, path);
        String first = entries.isEmpty() ? "" : entries.keySet().iterator().next();
        String root = first.contains("/") ? first.substring(0, first.indexOf('/')) : first;
        for (String name : entries.keySet()) {
            if (!name.startsWith(root + "/")) {
                throw new IllegalArgumentException("entry " + quote(name) + " is outside of " + quote(root));
            }
            if (name.startsWith(root + "/code/") || name.equals(root + "/constants.pkl")) {
                throw new IllegalArgumentException("it is a TorchScript program");
            }
        }
        if (!entries.containsKey(root + PICKLE)) {
            throw new IllegalArgumentException("the archive has no " + root + PICKLE);
        }
        StoredZip.Entry order = entries.get(root + "/byteorder");
        if (order != null && !StandardCharsets.US_ASCII.decode(content(channel, order)).toString().equals("little")) {
            throw new IllegalArgumentException("its numbers are not little-endian");
        }
        String data = root + "/data/";
        Map<String, StoredZip.Entry> storages = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            if (name.startsWith(data)) {
                storages.put(name.substring(data.length()), entry);
            }
        });
        StoredZip.Entry pickle = Objects.requireNonNull(entries.get(root + PICKLE));
        return placed(TensorPickle.read(content(channel, pickle)), storages);
    }

    /** Pickles: the magic number, a version, the machine, the tensors, the storages' names; then the storages. */
    private static Map<String, Placed> legacy(ByteBuffer head, FileChannel channel) throws IOException {
        TensorPickle pickles = new TensorPickle(head.position(LEGACY.length));
        long version = pickles.next(Long.class, "a version");
        Map<?, ?> machine = pickles.next(Map.class, "a dictionary of the machine");
        if (version != LEGACY_VERSION || !Boolean.TRUE.equals(machine.get("little_endian"))) {
            throw new IllegalArgumentException("it is of version " + version + ", " + machine
                    + ", allowed is " + LEGACY_VERSION + ", little-endian");
        }
        Map<String, TensorPickle.Strided> tensors = pickles.tensors();
        List<?> names = pickles.next(List.class, "a list of storages");
        Map<Object, StoredZip.Entry> storages = new LinkedHashMap<>();
        long end = pickles.position();
        for (Object name : names) {
            TensorPickle.Storage storage = name instanceof String key ? pickles.storages().get(key) : null;
            if (storage == null || storages.containsKey(name) || end > channel.size() - Long.BYTES) {
                throw new IllegalArgumentException("its list of storages does not fit its tensors or its length");
            }
            long elements = StoredZip.bytes(channel, end, Long.BYTES).getLong();
            long begin = end + Long.BYTES;
            if (elements != storage.elements() || elements < 0
                    || elements > (channel.size() - begin) / storage.dtype().bytes()) {
                throw new IllegalArgumentException("storage " + quote(storage.key()) + " of " + elements
                        + " elements, " + storage.elements() + " by its tensors, does not lie in the file");
            }
            end = begin + elements * storage.dtype().bytes();
            storages.put(name, new StoredZip.Entry(storage.key(), begin, begin, end - begin, 0));
        }
        if (end != channel.size()) {
            throw new IllegalArgumentException(
                    "the file has " + channel.size() + " bytes, its storages end at " + end);
        }
        return placed(tensors, storages);
    }

    private static Map<String, Placed> placed(
            Map<String, TensorPickle.Strided> tensors, Map<?, StoredZip.Entry> storages) {
        Map<String, Placed> places = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            StoredZip.Entry storage = storages.get(tensor.storage().key());
            if (storage == null) {
                throw new IllegalArgumentException(
                        "tensor " + quote(name) + " lacks its storage " + quote(tensor.storage().key()));
            }
            require(name, tensor, storage);
            places.put(name, new Placed(tensor, storage));
        });
        return places;
    }

    private static ByteBuffer content(FileChannel channel, StoredZip.Entry entry) throws IOException {
        if (entry.bytes() > MAX_PICKLE_BYTES) {
            throw new IllegalArgumentException("entry " + quote(entry.name()) + " has " + entry.bytes()
                    + " bytes, at most " + MAX_PICKLE_BYTES + " are allowed");
        }
        ByteBuffer content = StoredZip.bytes(channel, entry.offset(), (int) entry.bytes());
        CRC32 crc = new CRC32();
        crc.update(content.duplicate());
        if (crc.getValue() != entry.crc()) {
            throw new IllegalArgumentException("entry " + quote(entry.name()) + " is damaged (its checksum differs)");
        }
        return content;
    }

    /** Refuses a tensor that reaches out of its storage, or is larger than it. */
    private static void require(String name, TensorPickle.Strided tensor, StoredZip.Entry storage) {
        String what = "tensor " + quote(name);
        TensorPickle.Storage claimed = tensor.storage();
        List<Long> sizes = tensor.sizes();
        List<Long> strides = tensor.strides();
        if (sizes.size() != strides.size()) {
            throw new IllegalArgumentException(what + " has " + sizes.size() + " sizes and " + strides.size()
                    + " strides, allowed are equally many");
        }
        try {
            if (claimed.elements() < 0
                    || Math.multiplyExact(claimed.elements(), claimed.dtype().bytes()) != storage.bytes()) {
                throw new IllegalArgumentException(what + " claims " + claimed.elements() + " elements of "
                        + claimed.dtype().code() + ", its storage has " + storage.bytes() + " bytes");
            }
            long elements = 1;
            long last = tensor.offset();
            boolean negative = tensor.offset() < 0;
            for (int i = 0; i < sizes.size(); i++) {
                negative |= sizes.get(i) < 0 || strides.get(i) < 0;
                elements = Math.multiplyExact(elements, sizes.get(i));
                last = Math.addExact(last, Math.multiplyExact(sizes.get(i) - 1, strides.get(i)));
            }
            // A tensor without elements lies nowhere: slices of empty ones begin behind their storage.
            boolean outside = elements > 0 && (last >= claimed.elements() || elements > claimed.elements());
            if (negative || outside) {
                throw new IllegalArgumentException(what + " of sizes " + sizes + ", strides " + strides + " and offset "
                        + tensor.offset() + " does not lie in its storage of " + claimed.elements());
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(what + " is larger than 64 bits can count", e);
        }
    }

    private static TensorInfo info(String name, Placed placed) {
        TensorPickle.Strided tensor = placed.tensor();
        long elements = tensor.sizes().stream().reduce(1L, (a, b) -> a * b);
        return new TensorInfo(
                name, placed.dtype(), tensor.sizes(), placed.begin(), elements * placed.dtype().bytes());
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public long elements() {
        Map<StoredZip.Entry, Long> storages = new HashMap<>();
        places.values().forEach(placed -> storages.put(placed.storage(), placed.tensor().storage().elements()));
        return storages.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public Tensor tensor(String name) {
        Placed placed = placed(name);
        return Scopes.scoped(() -> strided(placed.tensor(), map.vector(
                placed.begin(), placed.span() * placed.dtype().bytes(), placed.dtype())));
    }

    @Override
    public Tensor read(String name) {
        Placed placed = placed(name);
        return Scopes.scoped(() -> strided(placed.tensor(), map.read(
                placed.begin(), placed.span() * placed.dtype().bytes(), placed.dtype())));
    }

    private static Tensor strided(TensorPickle.Strided tensor, Tensor span) {
        return span.as_strided(array(tensor.sizes()), array(tensor.strides())).contiguous();
    }

    private Placed placed(String name) {
        Placed placed = places.get(name);
        if (placed == null) {
            throw new CheckpointException("no tensor " + quote(name) + " in " + path);
        }
        return placed;
    }

    @Override
    public void close() {
        map.close();
    }

    private static long[] array(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }
}
