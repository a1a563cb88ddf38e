package org.jformers.pipeline;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.model.ConfigException;
import org.jformers.nn.Embedding;
import org.jformers.text.tokenizer.Tokenizer;

/** Whether a tokenizer and a model belong together. */
final class Vocabularies {

    private Vocabularies() {}

    /**
     * Refuses a tokenizer that makes tokens for which the model has no vector of any text. A model may have more
     * vectors than the tokenizer has tokens; and the tokenizer may have added tokens beyond them, as Gemma 3's smallest
     * has one for images, which {@link #requireVectors} refuses where they are used.
     */
    static void check(String task, Tokenizer tokenizer, Optional<Embedding.Spec> table) {
        int last = tokenizer.textVocabSize() - 1;
        int[] around = tokenizer.encode("").ids();
        requireVectors(task, tokenizer, table, IntStream.concat(IntStream.of(last), Arrays.stream(around)).toArray());
    }

    /** Refuses tokens for which the model has no vector. */
    static void requireVectors(String task, Tokenizer tokenizer, Optional<Embedding.Spec> table, int[] ids) {
        int rows = table.map(Embedding.Spec::entries).orElse(Integer.MAX_VALUE);
        for (int id : ids) {
            if (id >= rows) {
                throw new ConfigException(task + ": got a tokenizer with token " + id + " (" + tokenizer.token(id)
                        + "), allowed up to " + (rows - 1) + ", for the model has " + rows
                        + " token vectors; AutoModel.resized gives it more");
            }
        }
    }
}
