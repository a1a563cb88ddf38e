package org.jformers.text.tokenizer;

import java.text.Normalizer.Form;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The four Unicode normalization forms with places kept (Unicode Standard Annex 15). A character that decomposes hands
 * its place to all its parts; a composed character has the place of its first part.
 */
enum UnicodeNormalization implements Normalizer {
    NFC(Form.NFC, Form.NFD, true),
    NFD(Form.NFD, Form.NFD, false),
    NFKC(Form.NFKC, Form.NFKD, true),
    NFKD(Form.NFKD, Form.NFKD, false);

    private final Form form;
    private final Form decomposition;
    private final boolean compose;

    UnicodeNormalization(Form form, Form decomposition, boolean compose) {
        this.form = form;
        this.decomposition = decomposition;
        this.compose = compose;
    }

    @Override
    public Text normalize(Text text) {
        if (text.isAscii() || java.text.Normalizer.isNormalized(text.toString(), form)) {
            return text;
        }
        Parts parts = decomposed(text);
        parts.order();
        if (compose) {
            parts.compose();
        }
        return parts.aligned(text);
    }

    private Parts decomposed(Text text) {
        Parts parts = new Parts(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            int c = text.at(i);
            if (c < 0x80) {
                parts.add(c, 0);
                continue;
            }
            int[] decomposed = java.text.Normalizer.normalize(Character.toString(c), decomposition)
                    .codePoints()
                    .toArray();
            for (int k = 0; k < decomposed.length; k++) {
                parts.add(decomposed[k], k == 0 ? 0 : 1);
            }
        }
        return parts;
    }

    /**
     * Characters with their change: 0 stands for one source character, 1 is an insertion after it, and -n stands for one
     * source character and swallows n more.
     */
    private static final class Parts {
        private int[] chars;
        private int[] changes;
        private int size;

        Parts(int capacity) {
            chars = new int[capacity];
            changes = new int[capacity];
        }

        void add(int c, int change) {
            if (size == chars.length) {
                chars = Arrays.copyOf(chars, 2 * size);
                changes = Arrays.copyOf(changes, 2 * size);
            }
            chars[size] = c;
            changes[size++] = change;
        }

        /** Canonical ordering: runs of combining marks sorted by class, stably. */
        void order() {
            for (int i = 0; i < size; i++) {
                if (CombiningClass.of(chars[i]) == 0) {
                    continue;
                }
                int end = i + 1;
                boolean sorted = true;
                while (end < size && CombiningClass.of(chars[end]) != 0) {
                    sorted &= CombiningClass.of(chars[end - 1]) <= CombiningClass.of(chars[end]);
                    end++;
                }
                if (!sorted) {
                    sort(i, end);
                }
                i = end;
            }
        }

        private void sort(int from, int to) {
            long[] keys = new long[to - from];
            for (int i = from; i < to; i++) {
                keys[i - from] = (long) CombiningClass.of(chars[i]) << 32 | i;
            }
            Arrays.sort(keys);
            int[] oldChars = Arrays.copyOfRange(chars, from, to);
            int[] oldChanges = Arrays.copyOfRange(changes, from, to);
            for (int i = from; i < to; i++) {
                int old = (int) keys[i - from] - from;
                chars[i] = oldChars[old];
                changes[i] = oldChanges[old];
            }
        }

        /** Canonical composition, in place. */
        void compose() {
            int starter = -1;
            int lastClass = -1;
            int out = 0;
            for (int i = 0; i < size; i++) {
                int c = chars[i];
                int combining = CombiningClass.of(c);
                boolean blocked = starter < 0 || (lastClass >= 0 && lastClass >= combining);
                int composed = blocked ? -1 : composed(chars[starter], c);
                if (composed >= 0) {
                    chars[starter] = composed;
                    changes[starter] += changes[i] - 1;
                    continue;
                }
                chars[out] = c;
                changes[out] = changes[i];
                if (combining == 0) {
                    starter = out;
                    lastClass = -1;
                } else {
                    lastClass = combining;
                }
                out++;
            }
            size = out;
        }

        Text aligned(Text source) {
            Text.Builder out = new Text.Builder(size);
            int next = 0;
            for (int i = 0; i < size; i++) {
                boolean inserted = changes[i] > 0;
                int place = inserted ? next - 1 : next;
                if (place < 0 || place >= source.length()) {
                    int edge = place < 0 ? source.start(0) : source.end(source.length() - 1);
                    out.add(chars[i], edge, edge);
                } else {
                    out.add(chars[i], source, place);
                }
                next += inserted ? 0 : 1 - changes[i];
            }
            return out.build();
        }

        private static int composed(int first, int second) {
            if (second < 0x300) {
                return -1;
            }
            String pair = java.text.Normalizer.normalize(
                    new StringBuilder().appendCodePoint(first).appendCodePoint(second), Form.NFC);
            return pair.codePointCount(0, pair.length()) == 1 ? pair.codePointAt(0) : -1;
        }
    }

    /** Ranks of canonical combining classes, found from the order in which the JDK puts two marks. */
    private static final class CombiningClass {
        private static final String LOWEST = "\u0334";
        private static final String HIGHEST = "\u0345";
        private static final ConcurrentHashMap<Integer, Integer> RANKS = new ConcurrentHashMap<>();

        /** 0 for a starter, otherwise a rank that grows with the combining class. */
        static int of(int c) {
            return CodePoints.isMarkCharacter(c) ? RANKS.computeIfAbsent(c, CombiningClass::rank) : 0;
        }

        /** A rank is one more than the number of class representatives that sort before the mark. */
        private static int rank(int c) {
            String mark = Character.toString(c);
            if (!swaps(mark, LOWEST) && !swaps(HIGHEST, mark)) {
                return 0;
            }
            int before = 0;
            for (String representative : Representatives.ALL) {
                if (swaps(mark, representative)) {
                    before++;
                }
            }
            return before + 1;
        }

        private static boolean swaps(String first, String second) {
            return !first.equals(second)
                    && java.text.Normalizer.normalize(first + second, Form.NFD).equals(second + first);
        }
    }

    /** One mark of every combining class. */
    private static final class Representatives {
        static final List<String> ALL = ("\u0334\uD81B\uDFF0\u093C\u3099\u094D\u05B0\u05B1\u05B2\u05B3\u05B4\u05B5\u05B6\u05B7"
                        + "\u05B8\u05B9\u05BB\u05BC\u05BD\u05BF\u05C1\u05C2\uFB1E\u064B\u064C\u064D\u064E\u064F\u0650\u0651\u0652"
                        + "\u0670\u0711\u0C55\u0C56\u0E38\u0E48\u0EB8\u0EC8\u0F71\u0F72\u0F74\u0321\u1DCE\u031B\u1DFA\u0316\u059A"
                        + "\u302E\uD834\uDD6D\u05AE\u0301\u0315\u035C\u035D\u0345")
                .codePoints()
                .mapToObj(Character::toString)
                .toList();
    }
}
