package org.jformers.text.tokenizer;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the longest of a set of strings that begins at a place. */
final class TokenTrie {
    private final Map<Integer, TokenTrie> children = new HashMap<>();
    private @Nullable AddedToken token;

    void add(String content, AddedToken added) {
        TokenTrie node = this;
        for (int c : content.codePoints().toArray()) {
            node = node.children.computeIfAbsent(c, key -> new TokenTrie());
        }
        node.token = added;
    }

    boolean isEmpty() {
        return children.isEmpty();
    }

    /** A match: the token and where it ends. */
    record Match(AddedToken token, int end) {}

    /** The longest match that begins at the index, null if there is none. */
    @Nullable Match longest(Text text, int index) {
        return longest(text, index, text.length());
    }

    /** The longest match that begins at the index and reaches no further than a limit, null if there is none. */
    @Nullable Match longest(Text text, int index, int limit) {
        TokenTrie node = children.get(text.at(index));
        AddedToken found = null;
        int end = index;
        int i = index + 1;
        for (; node != null && i <= limit; i++) {
            if (node.token != null) {
                found = node.token;
                end = i;
            }
            node = i < limit ? node.children.get(text.at(i)) : null;
        }
        text.budget.spend(i - index);
        return found == null ? null : new Match(found, end);
    }
}
