package org.jformers.text.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;

/** The added tokens of a tokenizer, and the search for them. */
final class AddedVocabulary {
    private static final BitSet NO_DATA = new BitSet();

    private final List<AddedToken> tokens;
    private final Map<String, AddedToken> byContent = new HashMap<>();
    /** The tokens as they are shown and decoded: in normalized form where that is what is looked for. */
    private final Map<Integer, String> forms = new HashMap<>();
    private final Finder raw = new Finder();
    private final Finder normalized = new Finder();
    private final boolean splitSpecial;

    AddedVocabulary(List<AddedToken> tokens, Normalizer normalizer) {
        this(tokens, normalizer, false);
    }

    /** @param splitSpecial whether what looks like a special token is text like any other */
    AddedVocabulary(List<AddedToken> tokens, Normalizer normalizer, boolean splitSpecial) {
        this.splitSpecial = splitSpecial;
        this.tokens = List.copyOf(tokens);
        WorkBudget budget = Work.ofDefinition(tokens.stream().mapToLong(token -> token.content().length()).sum());
        for (AddedToken token : tokens) {
            byContent.put(token.content(), token);
            if (token.normalized()) {
                String form = normalizer.normalize(Text.of(token.content(), budget)).toString();
                forms.put(token.id(), form);
                normalized.add(form, token);
            } else {
                forms.put(token.id(), token.content());
                raw.add(token.content(), token);
            }
        }
    }

    /**
     * Gives the tokens of a file the ids that the reference gives them: that of the model where it has the token,
     * otherwise the next one. Empty tokens and repetitions are left out.
     */
    static List<AddedToken> numbered(List<AddedToken> listed, Model model) {
        Map<String, AddedToken> numbered = new LinkedHashMap<>();
        int largest = -1;
        for (AddedToken token : listed) {
            if (token.content().isEmpty() || numbered.containsKey(token.content())) {
                continue;
            }
            int known = model.id(token.content());
            int id = known != Vocabulary.NONE ? known : Math.max(largest + 1, model.size());
            largest = Math.max(largest, id);
            numbered.put(token.content(), token.withId(id));
        }
        return List.copyOf(numbered.values());
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

    /** The token of an id; null if none was added under it. */
    @Nullable String token(int id) {
        return forms.get(id);
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
        raw.split(text, NO_DATA, out, rest -> normalized.split(normalizer.normalize(rest), NO_DATA, out, out::text));
    }

    /**
     * The same for a text of which some is data: in it no token is found, and what looks like one is cut, so that a
     * model does not find it either.
     *
     * @param data code points of the text that are data
     */
    void split(Text text, Normalizer normalizer, BitSet data, Pieces out) {
        // Normalization can make a token out of what was none.
        raw.split(text, data, out, rest -> raw.cut(normalizer.normalize(rest), data,
                piece -> normalized.split(piece, data, out, out::text)));
    }

    // Spaces in a row are tokens of some models, and harmless in any text.
    private static boolean isHarmless(AddedToken token) {
        return !token.special() && token.content().isBlank();
    }

    private final class Finder {
        private final TokenTrie trie = new TokenTrie();
        private final BitSet firsts = new BitSet();

        void add(String content, AddedToken token) {
            if (!content.isEmpty()) {
                trie.add(content, token);
                firsts.set(content.codePointAt(0));
            }
        }

        /** Hands on a text in pieces, cut within each token of this finder that is data. */
        void cut(Text text, BitSet data, Consumer<Text> pieces) {
            int done = 0;
            for (int i = 0; i < text.length() && !trie.isEmpty(); i++) {
                TokenTrie.Match match = firsts.get(text.at(i)) ? trie.longest(text, i) : null;
                if (match != null && !isHarmless(match.token())
                        && firstData(text, i, match.end(), data) < match.end()) {
                    emit(text, done, i + 1, pieces);
                    done = i + 1;
                }
            }
            emit(text, done, text.length(), pieces);
        }

        /** Where in a range data begins; the end of the range if it has none. */
        private int firstData(Text text, int start, int end, BitSet data) {
            for (int i = start; i < end; i++) {
                int marked = data.nextSetBit(text.start(i));
                if (marked >= 0 && marked < text.end(i)) {
                    return i;
                }
            }
            return end;
        }

        void split(Text text, BitSet data, Pieces found, Consumer<Text> rest) {
            int done = 0;
            for (int i = 0; i < text.length() && !trie.isEmpty(); i++) {
                TokenTrie.Match match = firsts.get(text.at(i)) ? trie.longest(text, i) : null;
                if (match != null && !isHarmless(match.token())) {
                    int limit = firstData(text, i, match.end(), data);
                    TokenTrie.Match within = limit == i ? null : trie.longest(text, i, limit);
                    if (limit < match.end() && within == null) {
                        emit(text, done, i + 1, rest);
                        done = i + 1;
                        continue;
                    }
                    match = within;
                }
                if (match == null) {
                    continue;
                }
                AddedToken token = match.token();
                int start = i;
                int end = match.end();
                i = end - 1;
                if (splitSpecial && token.special() || token.singleWord() && insideWord(text, start, end)) {
                    continue;
                }
                text.budget.spend(end - start);
                while (token.lstrip() && start > done && CodePoints.isWhitespace(text.at(start - 1))) {
                    start--;
                }
                while (token.rstrip() && end < text.length() && CodePoints.isWhitespace(text.at(end))) {
                    end++;
                }
                text.budget.spend(end - start);
                emit(text, done, start, rest);
                found.token(token, text.slice(start, end));
                done = end; // what rstrip took may still begin another added token, as in the reference
            }
            emit(text, done, text.length(), rest);
        }

        private boolean insideWord(Text text, int start, int end) {
            return (start > 0 && CodePoints.isWord(text.at(start - 1)))
                    || (end < text.length() && CodePoints.isWord(text.at(end)));
        }

        private void emit(Text text, int start, int end, Consumer<Text> rest) {
            if (start < end) {
                rest.accept(text.slice(start, end));
            }
        }
    }
}
