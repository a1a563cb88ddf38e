package org.jformers.evaluation.metric;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * How BLEU cuts a line into tokens; the tag is sacreBLEU's name of it. The rules of {@link #V13A} are those of NIST's
 * mteval-v13a, of {@link #INTERNATIONAL} those of mteval-v14, of {@link #CHINESE} those of the WMT17 script.
 */
public enum BleuTokenizer {
    /** WMT's standard: ASCII punctuation apart, but not the points, commas and dashes inside numbers. */
    V13A("13a", BleuTokenizer::v13a),
    /** Unicode punctuation and symbols apart. */
    INTERNATIONAL("intl", BleuTokenizer::international),
    /** Every code point a token, white space none. */
    CHARACTER("char", line -> String.join(" ", Texts.characters(line))),
    /** Chinese characters and punctuation apart, the rest as {@link #V13A}. */
    CHINESE("zh", BleuTokenizer::chinese),
    /** White space alone separates: for text that comes tokenized. */
    NONE("none", line -> line);

    private static final Pattern ASCII_PUNCTUATION = Pattern.compile("[{-~\\[-` -&(-+:-@/]");
    private static final Pattern POINT_AFTER_NON_DIGIT = Pattern.compile("([^0-9])([.,])");
    private static final Pattern POINT_BEFORE_NON_DIGIT = Pattern.compile("([.,])([^0-9])");
    private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");
    private static final Pattern PUNCTUATION_AFTER_NON_NUMBER = Pattern.compile("(\\P{N})(\\p{P})");
    private static final Pattern PUNCTUATION_BEFORE_NON_NUMBER = Pattern.compile("(\\p{P})(\\P{N})");
    private static final Pattern SYMBOL = Pattern.compile("\\p{S}");

    private final String tag;
    private final UnaryOperator<String> separate;

    BleuTokenizer(String tag, UnaryOperator<String> separate) {
        this.tag = tag;
        this.separate = separate;
    }

    /** sacreBLEU's name, as in {@code tok:13a}. */
    public String tag() {
        return tag;
    }

    /** The tokens of one line; trailing white space does not count. */
    public List<String> tokenize(String line) {
        return Texts.words(separate.apply(Texts.stripTrailing(line)));
    }

    private static String v13a(String line) {
        String text = line.replace("<skipped>", "").replace("-\n", "").replace('\n', ' ');
        // The blanks at both ends let a point at the very end of the line count as one before a non-digit.
        return western(" " + unescape(text) + " ");
    }

    /** The four XML entities of mteval, one after the other as there. */
    static String unescape(String text) {
        if (text.indexOf('&') < 0) {
            return text;
        }
        return text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    }

    private static String western(String line) {
        return separateNumberPoints(separatePunctuation(line));
    }

    static String separatePunctuation(String line) {
        return ASCII_PUNCTUATION.matcher(line).replaceAll(" $0 ");
    }

    static String separateNumberPoints(String line) {
        String text = POINT_AFTER_NON_DIGIT.matcher(line).replaceAll("$1 $2 ");
        text = POINT_BEFORE_NON_DIGIT.matcher(text).replaceAll(" $1 $2");
        return DASH_AFTER_DIGIT.matcher(text).replaceAll("$1 $2 ");
    }

    private static String international(String line) {
        String text = PUNCTUATION_AFTER_NON_NUMBER.matcher(line).replaceAll("$1 $2 ");
        text = PUNCTUATION_BEFORE_NON_NUMBER.matcher(text).replaceAll(" $1 $2");
        return SYMBOL.matcher(text).replaceAll(" $0 ");
    }

    private static String chinese(String line) {
        StringBuilder text = new StringBuilder(line.length() * 3);
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (isChinese(c)) {
                text.append(' ').append(c).append(' ');
            } else {
                text.append(c);
            }
        }
        return western(text.toString());
    }

    /**
     * The reference's ranges as they work there. Its U+20000 to U+2A6D6 is written as four digits and one more
     * character, and so covers U+2001 to U+2A6D: the general punctuation, arrows and signs, and no ideograph at all.
     */
    private static boolean isChinese(char c) {
        return (c >= 0x2001 && c <= 0x2A6D)
                || (c >= 0x2E80 && c <= 0x2FDF)
                || (c >= 0x2FF0 && c <= 0x303F)
                || (c >= 0x3100 && c <= 0x312F)
                || (c >= 0x31A0 && c <= 0x31BF)
                || (c >= 0x31C0 && c <= 0x31EF)
                || (c >= 0x3200 && c <= 0x4DB5)
                || (c >= 0x4E00 && c <= 0x9FBB)
                || (c >= 0xF900 && c <= 0xFA2D)
                || (c >= 0xFA30 && c <= 0xFA6A)
                || (c >= 0xFA70 && c <= 0xFAD9)
                || (c >= 0xFE10 && c <= 0xFE1F)
                || (c >= 0xFE30 && c <= 0xFE4F)
                || (c >= 0xFF00 && c <= 0xFFEF);
    }
}
