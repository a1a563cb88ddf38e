package org.jformers.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Files written by the reference library, and tensors to compare. */
final class Fixtures {
    private Fixtures() {}

    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Fixtures.class.getResource(name), name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** A model folder that holds this resource as its weights. */
    static Path model(Path folder, String resource) {
        try {
            Files.createDirectories(folder);
            Files.copy(resource(resource), folder.resolve("model.safetensors"));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The elements as they lie in memory, row by row. */
    static byte[] bytes(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor flat = tensor.detach().contiguous().view(-1);
            byte[] bytes = new byte[Math.toIntExact(flat.numel() * flat.itemsize())];
            if (bytes.length > 0) {
                new BytePointer(flat.data_ptr()).get(bytes);
            }
            return bytes;
        }
    }

    static Tensor counting(long... shape) {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        return torch.arange(new Scalar(elements), new TensorOptions(ScalarType.Float))
                .view(shape);
    }

    static Tensor zeros(long... shape) {
        return torch.zeros(shape, new TensorOptions(ScalarType.Float));
    }

    /** Parameters shaped like the tensors, all zero, each requiring gradients. */
    static Map<String, Tensor> blank(Map<String, long[]> shapes) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> parameters.put(name, zeros(shape).requires_grad_(true)));
        return parameters;
    }
}
