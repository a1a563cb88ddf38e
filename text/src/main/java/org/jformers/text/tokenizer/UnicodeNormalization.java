package org.jformers.text.tokenizer;

import java.text.Normalizer.Form;
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

    private static final int LONGEST_RUN = 32;

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
        if (text.isAscii()
                || (!hasLongRunOfMarks(text) && java.text.Normalizer.isNormalized(text.toString(), form))) {
            return text;
        }
        Changes parts = decomposed(text);
        order(parts);
        return (compose ? composed(parts) : parts).apply(text);
    }

    /** The JDK sorts marks by insertion, whose time grows with the square of a run of them. */
    private static boolean hasLongRunOfMarks(Text text) {
        int run = 0;
        for (int i = 0; i < text.length() && run <= LONGEST_RUN; i++) {
            run = CodePoints.isMarkCharacter(text.at(i)) ? run + 1 : 0;
        }
        return run > LONGEST_RUN;
    }

    private Changes decomposed(Text text) {
        Changes parts = new Changes(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            int c = text.at(i);
            text.budget.room(parts.size());
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

    /** Canonical ordering: runs of combining marks sorted by class, stably. */
    private static void order(Changes parts) {
        for (int i = 0; i < parts.size(); i++) {
            if (CombiningClass.of(parts.character(i)) == 0) {
                continue;
            }
            int end = i + 1;
            while (end < parts.size() && CombiningClass.of(parts.character(end)) != 0) {
                end++;
            }
            if (end > i + 1) {
                parts.sort(i, end, CombiningClass::of);
            }
            i = end;
        }
    }

    /** Canonical composition. */
    private static Changes composed(Changes parts) {
        Changes out = new Changes(parts.size());
        int starter = -1;
        int lastClass = -1;
        for (int i = 0; i < parts.size(); i++) {
            int c = parts.character(i);
            int combining = CombiningClass.of(c);
            boolean blocked = starter < 0 || (lastClass >= 0 && lastClass >= combining);
            int composed = blocked ? -1 : composed(out.character(starter), c);
            if (composed >= 0) {
                out.set(starter, composed, out.change(starter) + parts.change(i) - 1);
                continue;
            }
            out.add(c, parts.change(i));
            if (combining == 0) {
                starter = out.size() - 1;
                lastClass = -1;
            } else {
                lastClass = combining;
            }
        }
        return out;
    }

    private static int composed(int first, int second) {
        if (second < 0x300) {
            return -1;
        }
        String pair = java.text.Normalizer.normalize(
                new StringBuilder().appendCodePoint(first).appendCodePoint(second), Form.NFC);
        return pair.codePointCount(0, pair.length()) == 1 ? pair.codePointAt(0) : -1;
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
        static final List<String> ALL =
                ("\u0334\uD81B\uDFF0\u093C\u3099\u094D\u05B0\u05B1\u05B2\u05B3\u05B4\u05B5\u05B6\u05B7"
                        + "\u05B8\u05B9\u05BB\u05BC\u05BD\u05BF\u05C1\u05C2\uFB1E\u064B\u064C\u064D\u064E\u064F"
                        + "\u0650\u0651\u0652\u0670\u0711\u0C55\u0C56\u0E38\u0E48\u0EB8\u0EC8\u0F71\u0F72\u0F74"
                        + "\u0321\u1DCE\u031B\u1DFA\u0316\u059A\u302E\uD834\uDD6D\u05AE\u0301\u0315\u035C\u035D"
                        + "\u0345")
                .codePoints()
                .mapToObj(Character::toString)
                .toList();
    }
}
