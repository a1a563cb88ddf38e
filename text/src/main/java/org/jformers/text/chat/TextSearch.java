package org.jformers.text.chat;

/**
 * Finds a text in texts in linear time, whatever the two are: the method of Knuth, Morris and Pratt (SIAM J. Comput.
 * 6(2), 1977) for long texts that are sought, the library's for short ones, where it cannot be slow.
 */
final class TextSearch {
    /** Up to this length a plain search, in the worst case, takes as long as the other. */
    static final int SHORT = 16;

    /** Characters that a plain search looks at in the time of a step. */
    private static final int SHORT_PER_STEP = 4;

    private final String sought;
    /** For each length of a part found, how much of it also begins the sought text; empty for short ones. */
    private final int[] borders;
    private final boolean backward;

    private TextSearch(String sought, boolean backward) {
        this.sought = sought;
        this.backward = backward;
        borders = sought.length() <= SHORT ? new int[0] : new int[sought.length() + 1];
        int border = -1;
        for (int i = 0; i < borders.length - 1; i++) {
            borders[i] = border;
            while (border >= 0 && at(border) != at(i)) {
                border = borders[border];
            }
            border++;
        }
        if (borders.length > 0) {
            borders[borders.length - 1] = border;
        }
    }

    /** Steps that looking through a text takes. */
    static long cost(String text, String sought) {
        return sought.length() + (sought.length() > SHORT ? text.length() : text.length() / SHORT_PER_STEP);
    }

    static TextSearch of(String sought) {
        return new TextSearch(sought, false);
    }

    /** Finds the last place with {@link #last}. */
    static TextSearch backward(String sought) {
        return new TextSearch(sought, true);
    }

    private char at(int index) {
        return sought.charAt(backward ? sought.length() - 1 - index : index);
    }

    /** The first place at or behind {@code from}, or -1. */
    int first(String text, int from) {
        if (borders.length == 0) {
            return text.indexOf(sought, from);
        }
        int found = 0;
        for (int i = from; i < text.length(); i++) {
            found = next(found, text.charAt(i));
            if (found == sought.length()) {
                return i + 1 - found;
            }
        }
        return -1;
    }

    /** The last place that ends at or before {@code end}, or -1. */
    int last(String text, int end) {
        if (borders.length == 0) {
            return end < sought.length() ? -1 : text.lastIndexOf(sought, end - sought.length());
        }
        int found = 0;
        for (int i = end - 1; i >= 0; i--) {
            found = next(found, text.charAt(i));
            if (found == sought.length()) {
                return i;
            }
        }
        return -1;
    }

    private int next(int found, char character) {
        int length = found;
        while (length >= 0 && at(length) != character) {
            length = borders[length];
        }
        return length + 1;
    }
}
