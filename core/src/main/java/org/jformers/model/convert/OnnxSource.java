package org.jformers.model.convert;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jformers.checkpoint.CheckpointException;

/**
 * Where an ONNX file lies: by itself, or in a jar as Maven artifacts keep it. The tokenizer is looked for in its
 * folder, under the usual names or with the model's name in front ({@code all-minilm-l6-v2-tokenizer.json}).
 *
 * @param model the bytes of the ONNX file
 * @param external the files beside it that it keeps tensors in
 * @param tokenizer the tokenizer's files by their usual names
 */
record OnnxSource(ByteBuffer model, OnnxTensor.External external, Map<String, byte[]> tokenizer) {
    private static final String ONNX = ".onnx";
    private static final List<String> TOKENIZER_FILES = List.of(
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt",
            "vocab.json", "merges.txt", "sentencepiece.bpe.model");
    private static final long MOST_TOKENIZER_BYTES = 1 << 28;
    /** Weights hardly get smaller in a zip; what grows more than this was made to fill the memory. */
    private static final long MOST_GROWTH = 100;

    /** Whether a file is an ONNX file by its name or its bytes, or a zip with one in it. */
    static boolean matches(Path source) {
        if (!Files.isRegularFile(source)) {
            return false;
        }
        if (source.toString().endsWith(ONNX)) {
            return true;
        }
        try {
            if (isZip(source)) {
                try (ZipFile zip = new ZipFile(source.toFile())) {
                    return zip.stream().anyMatch(entry -> entry.getName().endsWith(ONNX));
                }
            }
            return Files.size(source) <= Integer.MAX_VALUE && OnnxFile.matches(map(source, 0, -1));
        } catch (IOException e) {
            throw unreadable(source.toString(), e);
        }
    }

    /** Opens a file or a jar; throws {@link CheckpointException} if it cannot be read or is too large. */
    static OnnxSource open(Path source) {
        try {
            return isZip(source) ? inZip(source) : inFolder(source);
        } catch (IOException e) {
            throw unreadable(source.getFileName().toString(), e);
        }
    }

    private static boolean isZip(Path source) throws IOException {
        try (InputStream in = Files.newInputStream(source)) {
            byte[] start = in.readNBytes(4);
            return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        }
    }

    private static OnnxSource inFolder(Path source) throws IOException {
        Map<String, byte[]> tokenizer = new LinkedHashMap<>();
        for (String name : TOKENIZER_FILES) {
            for (Path file : List.of(source.resolveSibling(stem(source) + "-" + name), source.resolveSibling(name))) {
                if (Files.isRegularFile(file) && !tokenizer.containsKey(name)) {
                    requireSmall(file.toString(), Files.size(file), MOST_TOKENIZER_BYTES);
                    tokenizer.put(name, Files.readAllBytes(file));
                }
            }
        }
        Path folder = source.toAbsolutePath().resolveSibling("");
        return new OnnxSource(map(source, 0, -1), (location, offset, length) ->
                beside(folder, location, offset, length), tokenizer);
    }

    private static String stem(Path source) {
        String name = source.getFileName().toString();
        return name.endsWith(ONNX) ? name.substring(0, name.length() - ONNX.length()) : name;
    }

    /** A part of a file in the model's folder, wherever links lead. */
    private static ByteBuffer beside(Path folder, String location, long offset, long length) {
        try {
            Path file = folder.resolve(location);
            if (location.isEmpty() || Path.of(location).isAbsolute()
                    || !file.normalize().startsWith(folder.normalize())
                    || !file.toRealPath().startsWith(folder.toRealPath())) {
                throw new CheckpointException("ONNX: got tensors in the file \"" + location
                        + "\", allowed files in the folder of the model");
            }
            return map(file, offset, length);
        } catch (IOException e) {
            throw unreadable(location, e);
        }
    }

    private static ByteBuffer map(Path file, long offset, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = length < 0 ? channel.size() - offset : length;
            requireSmall(file.toString(), bytes, Integer.MAX_VALUE);
            if (bytes < 0 || offset > channel.size() - bytes) {
                throw new CheckpointException("ONNX: " + file + " has " + channel.size() + " bytes, allowed at least "
                        + offset + " + " + length);
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes);
        }
    }

    private static OnnxSource inZip(Path source) throws IOException {
        try (ZipFile zip = new ZipFile(source.toFile())) {
            List<String> models = zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(ONNX)).toList();
            if (models.size() != 1) {
                throw new CheckpointException("ONNX: got " + models + ", allowed one .onnx in a jar");
            }
            String model = models.get(0);
            String folder = model.substring(0, model.lastIndexOf('/') + 1);
            String stem = model.substring(0, model.length() - ONNX.length());
            Map<String, byte[]> tokenizer = new LinkedHashMap<>();
            for (String name : TOKENIZER_FILES) {
                for (String path : List.of(stem + "-" + name, folder + name)) {
                    ZipEntry entry = zip.getEntry(path);
                    if (entry != null && !tokenizer.containsKey(name)) {
                        tokenizer.put(name, bytes(zip, entry, MOST_TOKENIZER_BYTES));
                    }
                }
            }
            return new OnnxSource(ByteBuffer.wrap(bytes(zip, zip.getEntry(model), Integer.MAX_VALUE - 8)),
                    (location, offset, length) -> {
                        throw new CheckpointException("ONNX: got tensors in the file \"" + location
                                + "\", allowed none outside the model in a jar");
                    }, tokenizer);
        }
    }

    private static byte[] bytes(ZipFile zip, ZipEntry entry, long most) throws IOException {
        requireSmall(entry.getName(), entry.getSize(), Math.min(most, MOST_GROWTH * entry.getCompressedSize()));
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) entry.getSize());
            if (bytes.length != entry.getSize() || in.read() >= 0) {
                throw new CheckpointException("ONNX: damaged, " + entry.getName() + " has not the "
                        + entry.getSize() + " bytes that the jar says");
            }
            return bytes;
        }
    }

    private static void requireSmall(String name, long bytes, long most) {
        if (bytes > most) {
            throw new CheckpointException("ONNX: " + name + " has " + bytes + " bytes, allowed at most " + most);
        }
    }

    private static CheckpointException unreadable(String what, IOException e) {
        return new CheckpointException("ONNX: cannot read " + what + ": " + e.getMessage(), e);
    }
}
