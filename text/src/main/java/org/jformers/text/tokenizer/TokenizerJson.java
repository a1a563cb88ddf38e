package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.Objects;

/** The tokenizer.json format as data: a tokenizer from a file, or from a definition made in memory. */
public final class TokenizerJson {

    private static final String VERSION = "1.0";

    private TokenizerJson() {}

    /** Reads a tokenizer.json as it is; tokens with a role, and nothing else, are those of the files beside it. */
    public static Tokenizer read(Path file) {
        ObjectNode definition = TokenizerFolder.read(file);
        try {
            return of(definition, TokenizerFolder.readRoles(Objects.requireNonNull(file.toAbsolutePath().getParent())));
        } catch (TokenizerException e) {
            throw new TokenizerException(e.getMessage() + ", in " + file, e);
        }
    }

    /**
     * Builds a tokenizer.
     *
     * @param definition the content of a tokenizer.json; it must not be used afterwards
     * @param config the content of a tokenizer_config.json: {@code bos_token} and its like, {@code tokenizer_class}
     */
    public static Tokenizer of(ObjectNode definition, ObjectNode config) {
        Nesting.check(definition);
        DefinitionFields.check(definition);
        if (!definition.path("model").isObject()) {
            throw new TokenizerException("tokenizer definition has no model");
        }
        JsonNode version = definition.get("version");
        if (version != null && !version.equals(TextNode.valueOf(VERSION))) {
            throw new TokenizerException("tokenizer definition: version must be " + VERSION + ", got " + version);
        }
        return new PipelineTokenizer(definition, config);
    }

    /**
     * A tokenizer's definition, as its tokenizer.json has it.
     *
     * @throws TokenizerException if it reads the files of another format as they are
     */
    public static ObjectNode definition(Tokenizer tokenizer) {
        return pipeline(tokenizer).definition();
    }

    /**
     * A tokenizer's configuration, as its tokenizer_config.json has it.
     *
     * @throws TokenizerException if it reads the files of another format as they are
     */
    public static ObjectNode config(Tokenizer tokenizer) {
        return pipeline(tokenizer).config();
    }

    private static PipelineTokenizer pipeline(Tokenizer tokenizer) {
        if (tokenizer instanceof PipelineTokenizer pipeline) {
            return pipeline;
        }
        throw new TokenizerException(
                "expected a tokenizer of a tokenizer.json, or of files that are read as one, got the"
                + " tokenizer of a sentencepiece model or vocabulary that is read as it is");
    }

    /** An empty definition: no normalizer, no pre-tokenizer, no model. */
    public static ObjectNode empty() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("version", VERSION).putNull("truncation").putNull("padding").putArray("added_tokens");
        return node.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor").putNull("decoder");
    }
}
