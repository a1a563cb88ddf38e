package org.jformers.model.auto;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.tensor.Tensors;

/** Other files of a folder that hold the same weights. */
enum WeightForm {
    SHARDS,
    PICKLE,
    PICKLED_SHARDS;

    /** Writes the weights, all float32. */
    void write(Path folder, Map<String, Tensor> weights) throws IOException {
        if (this == PICKLE) {
            Files.write(folder.resolve("pytorch_model.bin"), pickle(weights));
            return;
        }
        boolean pickled = this == PICKLED_SHARDS;
        String base = pickled ? "pytorch_model" : "model";
        String ending = pickled ? ".bin" : ".safetensors";
        Map<String, Map<String, Tensor>> shards = new LinkedHashMap<>();
        StringBuilder index = new StringBuilder();
        int count = 0;
        for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
            String shard = base + "-0000" + (1 + count++ % 2) + "-of-00002" + ending;
            shards.computeIfAbsent(shard, name -> new LinkedHashMap<>()).put(weight.getKey(), weight.getValue());
            index.append(index.isEmpty() ? "" : ", ")
                    .append('"').append(weight.getKey()).append("\": \"").append(shard).append('"');
        }
        for (Map.Entry<String, Map<String, Tensor>> shard : shards.entrySet()) {
            Path file = folder.resolve(shard.getKey());
            if (pickled) {
                Files.write(file, pickle(shard.getValue()));
            } else {
                Path alone = Files.createTempDirectory(folder, "shard");
                CheckpointWriter.write(alone, shard.getValue());
                Files.move(alone.resolve("model.safetensors"), file);
                Files.delete(alone);
            }
        }
        Files.writeString(folder.resolve(base + ending + ".index.json"), "{\"weight_map\": {" + index + "}}");
    }

    private static byte[] pickle(Map<String, Tensor> weights) throws IOException {
        StringBuilder pickle = new StringBuilder("\u0080\u0002}");
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", new byte[0]);
        weights.forEach((name, tensor) -> {
            String key = Integer.toString(entries.size());
            float[] values = Tensors.toFloats(tensor.contiguous());
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            entries.put("a/data/" + key, bytes.array());
            StringBuilder sizes = new StringBuilder("(");
            StringBuilder strides = new StringBuilder("(");
            long stride = values.length;
            for (long size : tensor.shape()) {
                stride /= size;
                sizes.append(number(size));
                strides.append(number(stride));
            }
            pickle.append(text(name)).append("ctorch._utils\n_rebuild_tensor_v2\n((").append(text("storage"))
                    .append("ctorch\nFloatStorage\n").append(text(key)).append(text("cpu"))
                    .append(number(values.length)).append("tQK\0").append(sizes).append('t').append(strides)
                    .append("t\u0089}tRs");
        });
        entries.put("a/data.pkl", pickle.append('.').toString().getBytes(StandardCharsets.ISO_8859_1));
        return archive(entries);
    }

    /** A file of {@code torch.save}: stored, not compressed. */
    static byte[] archive(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(entry.getValue());
                ZipEntry head = new ZipEntry(entry.getKey());
                head.setCrc(crc.getValue());
                head.setSize(entry.getValue().length);
                zip.putNextEntry(head);
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** The instruction for a whole number. */
    static String number(long value) {
        byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        return "\u008a\u0008" + new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The instruction for a text of fewer than 128 characters. */
    static String text(String value) {
        return "X" + (char) value.length() + "\0\0\0" + value;
    }
}
