package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Greedy longest match from the left; pieces inside a word carry a prefix, and a word that cannot be covered is unknown
 * as a whole. Source: arXiv:1810.04805.
 */
final class WordPiece implements Model {
    private final Vocabulary vocabulary;
    private final String prefix;
    private final String unknownToken;
    private final int unknown;
    private final int maxCharacters;
    private final int longest;

    private WordPiece(Component component) {
        vocabulary = Vocabulary.of(component.object("vocab"));
        prefix = component.text("continuing_subword_prefix");
        unknownToken = component.text("unk_token");
        unknown = vocabulary.id(unknownToken);
        maxCharacters = component.integer("max_input_chars_per_word");
        int max = 1;
        for (int id = 0; id < vocabulary.limit(); id++) {
            String token = vocabulary.token(id);
            max = Math.max(max, token == null ? 0 : token.length());
        }
        longest = max;
    }

    static WordPiece of(Component component) {
        return new WordPiece(component);
    }

    @Override
    public void tokenize(Text word, TokenSink out) {
        if (word.length() > maxCharacters || !cover(word, out)) {
            out.truncate(0);
            if (unknown == Vocabulary.NONE) {
                throw new TokenizerException(
                        "a word is not covered by the vocabulary, and the unknown token \""
                                + unknownToken + "\" is missing");
            }
            out.add(unknown, 0, word.length());
        }
    }

    private boolean cover(Text word, TokenSink out) {
        int start = 0;
        StringBuilder piece = new StringBuilder();
        while (start < word.length()) {
            piece.setLength(0);
            piece.append(start > 0 ? prefix : "");
            int end = start;
            while (end < word.length() && piece.length() <= longest) {
                piece.appendCodePoint(word.at(end++));
            }
            word.budget.spend(piece.length());
            int id = vocabulary.id(piece.toString());
            while (id == Vocabulary.NONE && end > start + 1) {
                word.budget.spend(piece.length());
                piece.setLength(piece.length() - Character.charCount(word.at(--end)));
                id = vocabulary.id(piece.toString());
            }
            if (id == Vocabulary.NONE) {
                return false;
            }
            out.add(id, start, end);
            start = end;
        }
        return true;
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
        model.put("type", "WordPiece");
        model.set("vocab", vocabulary.toJson());
    }
}
