package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads the tokenizer of a model folder, whatever its kind. */
public final class AutoTokenizer {

    private AutoTokenizer() {}

    /**
     * Loads the tokenizer of a folder as AutoTokenizer of transformers 5 does: the class that tokenizer_config.json or
     * config.json means, the vocabulary of {@code tokenizer.json} or of older files, and the special and added tokens
     * of all files. A single file is loaded by itself: tokenizer.json, a sentencepiece {@code .model}, {@code .gguf},
     * {@code .tiktoken}, or the {@code .bin} of llama2.c; other files beside it only give tokens their roles.
     *
     * @throws TokenizerException if there is no tokenizer or a broken one
     */
    public static Tokenizer load(Path folder) {
        if (Files.isRegularFile(folder)) {
            return LegacyTokenizers.loadFile(folder);
        }
        if (!Files.isDirectory(folder)) {
            throw new TokenizerException("no such folder: " + folder);
        }
        return FolderTokenizers.load(folder);
    }

    /**
     * Loads what the parts of a folder do without a class of transformers 5 over them: tokenizer.json as the tokenizers
     * library runs it, Pegasus' model as sentencepiece does, and Marian's pieces joined by the target's model, as up to
     * version 4. The same as {@link #load} for
     * other folders. It is what stored values of those libraries are compared with.
     */
    public static Tokenizer loadPlain(Path folder) {
        if (Files.isRegularFile(folder.resolve("tokenizer.json"))) {
            return load(folder.resolve("tokenizer.json"));
        }
        ObjectNode config = TokenizerFolder.readConfig(folder);
        if (MarianTokenizers.recognizes(folder)) {
            return MarianTokenizers.plain(folder, TokenizerSettings.read(folder, null));
        }
        return config.path("tokenizer_class").asText().startsWith("PegasusTokenizer")
                ? SentencePieceFolders.pegasus(folder, config)
                : load(folder);
    }

    /**
     * Loads the tokenizer of the target texts of a translation model; the same as {@link #load} unless the model has
     * one for each side.
     */
    public static Tokenizer loadTarget(Path folder) {
        if (Files.isDirectory(folder) && MarianTokenizers.recognizes(folder)) {
            return MarianTokenizers.target(folder, TokenizerSettings.read(folder, null));
        }
        return load(folder);
    }
}
