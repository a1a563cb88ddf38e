package org.jformers.pipeline;

import java.util.Optional;
import org.jformers.model.ConfigException;
import org.jformers.nn.Embedding;
import org.jformers.text.tokenizer.Tokenizer;

/** Whether a tokenizer and a model belong together. */
final class Vocabularies {

    private Vocabularies() {}

    /**
     * Refuses a tokenizer that can name tokens, added ones among them, for which the model has no vector. A model may
     * have more vectors than the tokenizer has tokens.
     */
    static void check(String task, Tokenizer tokenizer, Optional<Embedding.Spec> table) {
        int rows = table.map(Embedding.Spec::entries).orElse(Integer.MAX_VALUE);
        if (tokenizer.vocabSize() > rows) {
            throw new ConfigException(task + ": got a tokenizer with ids up to " + (tokenizer.vocabSize() - 1) + " ("
                    + tokenizer.token(tokenizer.vocabSize() - 1) + "), allowed up to " + (rows - 1) + ", for the model has "
                    + rows + " token vectors; AutoModel.resized gives it more");
        }
    }
}
