package org.jformers.training.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jformers.VisibleText;

/** Escaping for HTML, XML and Markdown: whatever the text holds, the result is text. */
final class Markup {
    private static final Pattern MARKDOWN = Pattern.compile("[\\\\`*_{}\\[\\]#|~!]|^[-+=]|^\\d+(?=[.)]\\s)");

    private Markup() {}

    /** The text on one line of Markdown, at its beginning or further on, in a cell of a table too. */
    static String markdown(String text) {
        String line = VisibleText.line(text).strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return MARKDOWN.matcher(line).replaceAll(found -> Matcher.quoteReplacement(
                Character.isDigit(found.group().charAt(0)) ? found.group() + "\\" : "\\" + found.group()));
    }

    /**
     * The text with markup of HTML and XML escaped, in an element as in a quoted attribute; what XML 1.0 cannot hold
     * (controls, halves of surrogate pairs) becomes U+FFFD.
     */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(allowed(c) ? c : 0xFFFD);
            }
        });
        return out.toString();
    }

    private static boolean allowed(int c) {
        boolean control = c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c >= 0x7F && c < 0xA0;
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        return !control && !surrogate && c != 0xFFFE && c != 0xFFFF;
    }
}
