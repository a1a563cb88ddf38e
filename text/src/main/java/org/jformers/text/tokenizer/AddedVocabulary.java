package org.jformers.text.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The added tokens of a tokenizer, and the search for them. */
final class AddedVocabulary {
    private final List<AddedToken> tokens;
    private final Map<String, AddedToken> byContent = new HashMap<>();
    private final Map<Integer, AddedToken> byId = new HashMap<>();
    private final Finder raw = new Finder();
    private final Finder normalized = new Finder();

    AddedVocabulary(List<AddedToken> tokens, Normalizer normalizer) {
        this.tokens = List.copyOf(tokens);
        for (AddedToken token : tokens) {
            byContent.put(token.content(), token);
            byId.put(token.id(), token);
            if (token.normalized()) {
                normalized.add(normalizer.normalize(Text.of(token.content())).toString(), token);
            } else {
                raw.add(token.content(), token);
            }
        }
    }

    /** Takes the pieces of a text in order: stretches of text and, between them, added tokens. */
    interface Pieces {
        void text(Text text);

        void token(AddedToken token, Text text);
    }

    List<AddedToken> tokens() {
        return tokens;
    }

    int id(String content) {
        AddedToken token = byContent.get(content);
        return token == null ? Vocabulary.NONE : token.id();
    }

    String token(int id) {
        AddedToken token = byId.get(id);
        return token == null ? null : token.content();
    }

    boolean isSpecial(String content) {
        AddedToken token = byContent.get(content);
        return token != null && token.special();
    }

    /** One more than the largest id. */
    int limit() {
        return tokens.stream().mapToInt(AddedToken::id).max().orElse(-1) + 1;
    }

    /** Cuts a text at the added tokens, normalizing the text between those that are looked for before normalization. */
    void split(Text text, Normalizer normalizer, Pieces out) {
        raw.split(text, out, rest -> normalized.split(normalizer.normalize(rest), out, out::text));
    }

    private static final class Finder {
        private final TokenTrie trie = new TokenTrie();
        private final BitSet firsts = new BitSet();

        void add(String content, AddedToken token) {
            if (!content.isEmpty()) {
                trie.add(content, token);
                firsts.set(content.codePointAt(0));
            }
        }

        void split(Text text, Pieces found, Consumer<Text> rest) {
            int done = 0;
            for (int i = 0; i < text.length() && !trie.isEmpty(); i++) {
                TokenTrie.Match match = firsts.get(text.at(i)) ? trie.longest(text, i) : null;
                if (match == null) {
                    continue;
                }
                AddedToken token = match.token();
                int start = i;
                int end = match.end();
                i = end - 1;
                if (token.singleWord() && insideWord(text, start, end)) {
                    continue;
                }
                while (token.lstrip() && start > done && CodePoints.isWhitespace(text.at(start - 1))) {
                    start--;
                }
                while (token.rstrip() && end < text.length() && CodePoints.isWhitespace(text.at(end))) {
                    end++;
                }
                emit(text, done, start, rest);
                found.token(token, text.slice(start, end));
                done = end;
                i = Math.max(i, end - 1);
            }
            emit(text, done, text.length(), rest);
        }

        private static boolean insideWord(Text text, int start, int end) {
            return (start > 0 && CodePoints.isWord(text.at(start - 1)))
                    || (end < text.length() && CodePoints.isWord(text.at(end)));
        }

        private static void emit(Text text, int start, int end, Consumer<Text> rest) {
            if (start < end) {
                rest.accept(text.slice(start, end));
            }
        }
    }
}
