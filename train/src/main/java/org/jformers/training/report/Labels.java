package org.jformers.training.report;

import java.util.List;

/** Tokens as labels of an axis: nothing invisible, nothing endless. */
final class Labels {
    private static final int LONGEST = 16;

    private Labels() {}

    static List<String> of(List<String> tokens) {
        return tokens.stream().map(Labels::of).toList();
    }

    /** The token with spaces, line ends and controls made visible, cut after {@value #LONGEST} characters. */
    static String of(String token) {
        StringBuilder out = new StringBuilder();
        int[] points = token.codePoints().limit(LONGEST + 1L).toArray();
        int shown = points.length > LONGEST ? LONGEST - 1 : points.length;
        for (int i = 0; i < shown; i++) {
            out.appendCodePoint(visible(points[i]));
        }
        return shown < points.length ? out.append('…').toString() : out.toString();
    }

    private static int visible(int c) {
        if (c < 0x20) {
            return c == '\n' ? '↵' : c == '\t' ? '⇥' : 0x2400 + c; // the block of control pictures
        }
        return c == ' ' ? '␣' : c == 0x7F ? 0x2421 : c;
    }

    /** About how wide the text is in a sans-serif font, on the generous side: an SVG cannot measure. */
    static double width(String text, double fontSize) {
        return text.codePoints().mapToDouble(Labels::ems).sum() * fontSize;
    }

    private static double ems(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        if (c >= 0x1100 && (c < 0x2000 || c >= 0x2E80)) {
            return 1.05; // Hangul, kana, ideographs, emoji
        }
        if ("iljtfr.,:;!|'[]()/ ".indexOf(c) >= 0) {
            return 0.36;
        }
        if ("mwMW%@—…▁<>=+~#".indexOf(c) >= 0) {
            return 0.95;
        }
        return Character.isUpperCase(c) ? 0.72 : 0.64;
    }
}
