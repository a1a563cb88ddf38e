package org.jformers.model.auto;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;

/** What a model folder consists of, file by file: what is read and what for, what is not and why. */
public final class FolderFiles {
    private static final String CONFIG = "config.json";
    private static final String TOKENIZER = "tokenizer.json";

    private static final Map<String, String> READ = Map.ofEntries(
            Map.entry(CONFIG, "the model"),
            Map.entry("generation_config.json", "settings of generation"),
            Map.entry("preprocessor_config.json", "images or sound"),
            Map.entry("processor_config.json", "images or sound"),
            Map.entry(TOKENIZER, "the tokenizer"),
            Map.entry("tokenizer_config.json", "the tokenizer"),
            Map.entry("special_tokens_map.json", "the tokenizer"),
            Map.entry("added_tokens.json", "the tokenizer"),
            Map.entry("chat_template.jinja", "chat"),
            Map.entry("chat_template.json", "chat"),
            Map.entry("additional_chat_templates", "chat"),
            Map.entry("target", "the tokenizer of the target"));

    /** Files of tokenizers that are read where there is no {@code tokenizer.json}. */
    private static final Set<String> VOCABULARIES = Set.of(
            "vocab.txt", "vocab.json", "merges.txt", "vocab.bpe", "spiece.model", "sentencepiece.bpe.model",
            "sentencepiece.model", "tokenizer.model", "spm.model", "source.spm", "target.spm", "target_vocab.json",
            "bpe.codes", "vocab.pkl", "vocab.bin");

    private static final Set<String> WEIGHTS = Set.of(
            "safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack", "ot", "onnx", "gguf", "tflite", "mlmodel",
            "index.json");

    private static final Set<String> ABOUT = Set.of("md", "txt", "pdf", "gitattributes", "gitignore", "gitkeep", "html",
            "png", "jpg", "jpeg", "svg", "license", "notice");

    /**
     * A file or folder in it.
     *
     * @param name its name
     * @param read whether anything here reads it
     * @param why what for, or why not
     */
    public record Entry(String name, boolean read, String why) {}

    private FolderFiles() {}

    /**
     * The files of a folder in the order of their names; of a single file, that file.
     *
     * @param weights the files of weights that are taken, by name; empty where there are none
     */
    public static List<Entry> of(Path folder, Set<String> weights) {
        if (!Files.isDirectory(folder)) {
            String name = folder.getFileName().toString();
            return List.of(new Entry(name, true, "the model, its weights and its tokenizer"));
        }
        try (Stream<Path> files = Files.list(folder)) {
            boolean tokenizer = Files.isRegularFile(folder.resolve(TOKENIZER));
            String use = Checkpoint.quantization(folder)
                    .map(method -> "weights, quantized (" + method + ") and dequantized as they are loaded")
                    .orElse("weights");
            Map<String, Entry> entries = files.map(file -> weights.contains(file.getFileName().toString())
                            ? new Entry(file.getFileName().toString(), true, use)
                            : entry(file, weights, tokenizer))
                    .collect(Collectors.toMap(Entry::name, entry -> entry, (a, b) -> a, TreeMap::new));
            return List.copyOf(entries.values());
        } catch (IOException e) {
            throw new JformersException("model folder: cannot be read, " + e.getMessage() + ", " + folder, e);
        }
    }

    /** The files and folders that stand beside configuration and weights: tokenizer, templates, settings. */
    public static List<Path> besideWeights(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> isBeside(file.getFileName().toString())).sorted().toList();
        } catch (IOException e) {
            throw new JformersException("model folder: cannot be read, " + e.getMessage() + ", " + folder, e);
        }
    }

    private static boolean isBeside(String name) {
        return VOCABULARIES.contains(name) || READ.containsKey(name) && !name.equals(CONFIG);
    }

    /** The names of the files that the weights of a folder are read from, an index of shards among them. */
    public static Set<String> weights(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.paths().stream()
                    .map(path -> path.getFileName().toString())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    private static Entry entry(Path file, Set<String> weights, boolean tokenizer) {
        String name = file.getFileName().toString();
        if (READ.containsKey(name)) {
            return new Entry(name, true, READ.get(name));
        }
        if (VOCABULARIES.contains(name)) {
            return tokenizer
                    ? new Entry(name, false, TOKENIZER + " is read in its place")
                    : new Entry(name, true, "the tokenizer");
        }
        return new Entry(name, false, Files.isDirectory(file) ? "a folder" : reason(name, weights));
    }

    private static String reason(String name, Set<String> weights) {
        String ending = name.endsWith(".index.json") ? "index.json" : name.substring(name.lastIndexOf('.') + 1);
        if (name.startsWith("adapter_")) {
            return "an adapter is merged where it is named";
        }
        if (ending.equals("py")) {
            return "code of a folder is never run";
        }
        if (WEIGHTS.contains(ending)) {
            return weights.isEmpty() ? "no weights that are read" : "the weights are read from other files";
        }
        return ABOUT.contains(ending.toLowerCase(Locale.ROOT)) ? "about the model" : "nobody reads it";
    }
}
