package org.jformers.text.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;

/**
 * Normalization as sentencepiece does it: the longest entry of the table at each place, spaces shrunk and marked. A
 * character stands for the text from where it begins to where the next one begins.
 */
final class SentencePieceNormalizer implements Normalizer {
    private final SentencePieceModel model;
    private final @Nullable PrecompiledCharsmap charsmap;
    private final PieceTrie userDefined;
    private final int space;

    SentencePieceNormalizer(SentencePieceModel model, PieceTrie userDefined) {
        this.model = model;
        this.userDefined = userDefined;
        charsmap = model.charsmap().length == 0 ? null : PrecompiledCharsmap.of(model.charsmap());
        space = model.escapeSpaces() ? Metaspace.DEFAULT : ' ';
    }

    @Override
    public Text normalize(Text text) {
        Places out = new Places(text.length() + 2);
        int[] chars = new int[text.length()];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = text.at(i);
        }
        Source source = new Source(chars, text.budget);
        boolean trim = model.removeExtraSpaces();
        while (trim && source.more() && source.peek().equals(" ")) {
            source.take();
        }
        if (!source.more()) {
            return text.slice(0, 0);
        }
        if (model.dummyPrefix() && !model.spaceAsSuffix()) {
            out.add(space, source.at);
        }
        boolean afterSpace = trim;
        while (source.more()) {
            String part = source.peek();
            int skip = 0;
            while (afterSpace && skip < part.length() && part.charAt(skip) == ' ') {
                skip++;
            }
            String kept = part.substring(skip);
            int place = source.at;
            text.budget.room((long) out.size + kept.length());
            kept.codePoints().forEach(c -> out.add(c == ' ' ? space : c, place));
            afterSpace = trim && (kept.isEmpty() ? afterSpace : kept.endsWith(" "));
            source.take();
        }
        text.budget.spend(out.size);
        int end = source.at;
        while (trim && out.size > 0 && out.chars[out.size - 1] == space) {
            end = out.places[--out.size];
        }
        if (model.dummyPrefix() && model.spaceAsSuffix()) {
            out.add(space, end);
        }
        return out.text(end, text);
    }

    /** Characters and where they begin in the source. */
    private static final class Places {
        private int[] chars;
        private int[] places;
        private int size;

        Places(int capacity) {
            chars = new int[capacity];
            places = new int[capacity];
        }

        void add(int c, int place) {
            if (size == chars.length) {
                chars = Arrays.copyOf(chars, 2 * size);
                places = Arrays.copyOf(places, 2 * size);
            }
            chars[size] = c;
            places[size++] = place;
        }

        Text text(int end, Text source) {
            Text.Builder out = source.builder(size);
            for (int i = 0; i < size; i++) {
                out.add(chars[i], original(places[i], source), original(i + 1 < size ? places[i + 1] : end, source));
            }
            return out.build();
        }

        private static int original(int place, Text source) {
            return place < source.length() ? source.start(place) : source.end(source.length() - 1);
        }
    }

    /** The text that is still to be normalized. */
    private final class Source {
        private final int[] chars;
        private final byte[] bytes;
        private final WorkBudget budget;
        private int at;
        private int byteAt;
        private @Nullable String replacement;
        private int length;
        private int byteLength;

        Source(int[] chars, WorkBudget budget) {
            this.chars = chars;
            this.budget = budget;
            bytes = new String(chars, 0, chars.length).getBytes(StandardCharsets.UTF_8);
        }

        boolean more() {
            return at < chars.length;
        }

        /** What the next stretch becomes. */
        String peek() {
            if (replacement != null) {
                return replacement;
            }
            int matched = longest(userDefined, chars, at, budget);
            PrecompiledCharsmap.Entry entry =
                    matched > 0 || charsmap == null ? null : charsmap.longest(bytes, byteAt, bytes.length, budget);
            if (entry != null) {
                byteLength = entry.length();
                length = characters(byteAt, byteLength);
                replacement = entry.replacement();
            } else {
                length = Math.max(matched, 1);
                replacement = new String(chars, at, length);
                byteLength = replacement.getBytes(StandardCharsets.UTF_8).length;
            }
            return replacement;
        }

        void take() {
            peek();
            at += length;
            byteAt += byteLength;
            replacement = null;
        }

        private int characters(int from, int count) {
            int result = 0;
            for (int i = from; i < from + count; i++) {
                result += (bytes[i] & 0xC0) == 0x80 ? 0 : 1;
            }
            return result;
        }
    }

    /** Length of the longest piece of the trie that begins at the index; 0 without one. */
    static int longest(PieceTrie trie, int[] chars, int from, WorkBudget budget) {
        int best = 0;
        int node = 0;
        int i = from;
        for (; i < chars.length && node >= 0; i++) {
            node = trie.child(node, chars[i]);
            if (node >= 0 && trie.id(node) != Vocabulary.NONE) {
                best = i + 1 - from;
            }
        }
        if (i > from + 1) { // a single character is paid for as one of the text
            budget.spend(i - from);
        }
        return best;
    }
}
