package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** One token per word; a word outside the vocabulary is unknown. */
final class WordLevel implements Model {
    private final Vocabulary vocabulary;
    private final String unknownToken;
    private final int unknown;

    private WordLevel(Component component) {
        vocabulary = Vocabulary.of(component.object("vocab"));
        unknownToken = component.text("unk_token");
        unknown = vocabulary.id(unknownToken);
    }

    static WordLevel of(Component component) {
        return new WordLevel(component);
    }

    @Override
    public void tokenize(Text word, TokenSink out) {
        int id = vocabulary.id(word.toString());
        if (id == Vocabulary.NONE && unknown == Vocabulary.NONE) {
            throw new TokenizerException(
                    "\"" + word + "\" is not in the vocabulary, and the unknown token \"" + unknownToken
                    + "\" is missing");
        }
        out.add(id == Vocabulary.NONE ? unknown : id, 0, word.length());
    }

    @Override
    public int id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public @Nullable String token(int id) {
        return vocabulary.token(id);
    }

    @Override
    public int limit() {
        return vocabulary.limit();
    }

    @Override
    public int size() {
        return vocabulary.size();
    }

    @Override
    public void write(ObjectNode model) {
        model.put("type", "WordLevel");
        model.set("vocab", vocabulary.toJson());
    }
}
