package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jformers.checkpoint.CheckpointException;

/** Tokenizers of programs that leave it to others to cut a text: tokens stand between spaces, a list has their ids. */
final class SpacedTokens {
    private static final String UNKNOWN = "<unk>";
    private static final Set<String> SPECIAL = Set.of("<blank>", "<s>", "</s>", UNKNOWN);

    private SpacedTokens() {}

    /**
     * The {@code tokenizer.json} of a list of tokens, one on each line. The unknown token comes last where the list
     * lacks it, as in CTranslate2.
     *
     * @param rows how many tokens the model knows
     * @throws CheckpointException if the file cannot be read, names a token twice, or has more than the model knows
     */
    static ObjectNode tokenizer(Path file, long rows) {
        Set<String> tokens = new LinkedHashSet<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (!tokens.add(line)) {
                    throw new CheckpointException("vocabulary: got '" + line + "' twice, allowed once, in " + file);
                }
            }
        } catch (IOException e) {
            throw new CheckpointException("vocabulary: cannot read " + file + ": " + e.getMessage(), e);
        }
        tokens.add(UNKNOWN);
        if (tokens.size() > rows) {
            throw new CheckpointException("vocabulary: got " + tokens.size() + " tokens, allowed " + rows
                    + " as the model has, in " + file);
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode added = json.put("version", "1.0").putArray("added_tokens");
        json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        ObjectNode model = json.putObject("model").put("type", "WordLevel").put("unk_token", UNKNOWN);
        ObjectNode ids = model.putObject("vocab");
        for (String token : tokens) {
            int id = ids.size();
            ids.put(token, id);
            if (SPECIAL.contains(token)) {
                added.addObject().put("id", id).put("content", token).put("single_word", false).put("lstrip", false)
                        .put("rstrip", false).put("normalized", false).put("special", true);
            }
        }
        return json;
    }
}
