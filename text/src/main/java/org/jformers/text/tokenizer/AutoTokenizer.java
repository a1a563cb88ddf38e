package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads the tokenizer of a model folder, whatever its kind. */
public final class AutoTokenizer {

    private AutoTokenizer() {}

    /**
     * Loads {@code tokenizer.json} if the folder has it, otherwise the vocabulary files of older models. A single file
     * is loaded as well: tokenizer.json, a sentencepiece {@code .model}, {@code .gguf}, {@code .tiktoken}, or the
     * {@code .bin} of llama2.c.
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
        Path json = folder.resolve("tokenizer.json");
        if (Files.isRegularFile(json)) {
            return TokenizerJson.read(json);
        }
        ObjectNode config = TokenizerFolder.readConfig(folder);
        try {
            return LegacyTokenizers.load(folder, config);
        } catch (TokenizerException e) {
            throw new TokenizerException(e.getMessage() + ", in " + folder, e);
        }
    }

    /**
     * Loads the tokenizer of the target texts of a translation model; the same as {@link #load} unless the model has
     * one for each side.
     */
    public static Tokenizer loadTarget(Path folder) {
        if (Files.isDirectory(folder) && SentencePieceFolders.hasTwoSides(folder)) {
            return SentencePieceFolders.load(folder, TokenizerFolder.readConfig(folder), true);
        }
        return load(folder);
    }
}
