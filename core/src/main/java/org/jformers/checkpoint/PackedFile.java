package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.packed.PackedParts;
import org.jformers.checkpoint.packed.PackedWeight;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.ForeignJson;

/**
 * The quantized weights of a folder as float32, made of their parts when they are asked for, some rows at a time. Owns
 * nothing: the parts are those of other files.
 */
final class PackedFile implements TensorFile {
    private static final int PIECE = 1 << 16;
    private static final long MAX_CONFIG_BYTES = 50_000_000;

    private final Path path;
    private final WeightQuantization method;
    private final Map<String, PackedWeight> weights;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, TensorFile> holders;

    private PackedFile(
            Path path, WeightQuantization method, Map<String, PackedWeight> weights, Map<String, TensorFile> holders) {
        this.path = path;
        this.method = method;
        this.weights = weights;
        this.holders = Map.copyOf(holders);
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        weights.forEach((name, weight) -> {
            long elements = weight.shape().stream().reduce(1L, (a, b) -> a * b);
            infos.put(name, new TensorInfo(name, DType.FLOAT32, weight.shape(), 0, elements * Float.BYTES));
        });
        tensors = Collections.unmodifiableMap(infos);
    }

    /**
     * The quantized weights of a folder, if its {@code config.json} says that they are, by a method that is read.
     *
     * @param holders who holds each stored tensor
     * @throws CheckpointException if a setting is not read, or parts of a weight do not fit each other
     */
    static Optional<PackedFile> of(Path folder, Map<String, TensorFile> holders) {
        Path config = folder.resolve("config.json");
        try {
            Optional<WeightQuantization> method = settings(config).flatMap(WeightQuantization::of);
            return method.map(one ->
                    Scopes.get(() -> new PackedFile(folder, one, one.weights(parts(holders)), holders)));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(e.getMessage() + ", in " + folder, e);
        }
    }

    /** The method by which a folder's weights are quantized, if it is one that is read. */
    static Optional<String> method(Path folder) {
        return settings(folder.resolve("config.json"))
                .filter(WeightQuantization::isRead)
                .map(settings -> settings.path("quant_method").asText("bitsandbytes"));
    }

    private static Optional<JsonNode> settings(Path config) {
        try {
            if (!Files.isRegularFile(config) || Files.size(config) > MAX_CONFIG_BYTES) {
                return Optional.empty();
            }
            JsonNode json = ForeignJson.mapper().build().readTree(Files.readString(config));
            return Optional.ofNullable(json).map(node -> node.path(WeightQuantization.KEY));
        } catch (IOException e) {
            return Optional.empty(); // who reads the configuration says so
        }
    }

    @Override
    public Optional<WeightQuantization.Grid> grid() {
        return method.grid();
    }

    /** The stored tensors that weights are made of. */
    Set<String> parts() {
        Set<String> parts = new LinkedHashSet<>();
        weights.values().forEach(weight -> parts.addAll(weight.parts()));
        return parts;
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
    public Tensor tensor(String name) {
        return read(name);
    }

    @Override
    public Tensor read(String name) {
        PackedWeight weight = weights.get(name);
        if (weight == null) {
            throw new CheckpointException("no tensor " + quote(name) + " in " + path);
        }
        return Scopes.scoped(() -> numbers(name, weight));
    }

    private Tensor numbers(String name, PackedWeight weight) {
        int out = weight.shape().get(0).intValue();
        int in = weight.shape().get(1).intValue();
        Tensor numbers = Tensors.empty(ScalarType.Float, out, in);
        FloatPointer memory = new FloatPointer(numbers.data_ptr());
        int height = Math.max(1, Math.min(out, PIECE / in));
        float[] piece = new float[height * in];
        Supplier<String> where = () -> "weight " + quote(name) + ", in " + path;
        try {
            PackedWeight.Rows rows = weight.open(parts(holders));
            for (int first = 0; first < out; first += height) {
                int count = Math.min(height, out - first);
                rows.read(first, count, piece);
                Numbers.requireFinite(piece, count * in, where);
                memory.position((long) first * in).put(piece, 0, count * in);
            }
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(e.getMessage() + ", in " + path, e);
        }
        return numbers;
    }

    /** Stored tensors as plain memory; what is handed out is of the caller's scope. */
    private static PackedParts parts(Map<String, TensorFile> holders) {
        return new PackedParts() {
            @Override
            public Set<String> names() {
                return holders.keySet();
            }

            private TensorFile holder(String name) {
                return Objects.requireNonNull(holders.get(name), name);
            }

            private TensorInfo info(String name) {
                return Objects.requireNonNull(holder(name).tensors().get(name));
            }

            @Override
            public List<Long> shape(String name) {
                return info(name).shape();
            }

            @Override
            public DType dtype(String name) {
                return info(name).dtype();
            }

            @Override
            public ByteBuffer bytes(String name) {
                if (info(name).bytes() > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException("quantized weights: got '" + name + "' of " + info(name).bytes()
                            + " bytes, allowed at most " + Integer.MAX_VALUE);
                }
                Tensor tensor = holder(name).read(name).contiguous();
                return new BytePointer(tensor.data_ptr()).limit(info(name).bytes()).asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
            }

            @Override
            public float[] floats(String name) {
                return Tensors.toFloats(holder(name).read(name));
            }
        };
    }

    @Override
    public void close() {
        // The parts belong to their files.
    }
}
