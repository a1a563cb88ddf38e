package org.jformers.text.chat;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with the white space rules of {@code trim_blocks} and {@code lstrip_blocks}: a block
 * takes the line end behind it and the indentation before it along.
 */
final class Lexer {
    private static final Pattern RAW =
            Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%\\}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern END_RAW =
            Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern FLOAT = Pattern.compile(
            "(?:\\d+_)*+\\d++(?:(?:\\.(?:\\d+_)*+\\d++)?[eE][+-]?(?:\\d+_)*+\\d++|\\.(?:\\d+_)*+\\d++)");
    private static final Pattern INTEGER = Pattern.compile(
            "0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[0-9a-fA-F])++|[1-9](?:_?\\d)*+|0(?:_?0)*+");
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private static final char NO_SIGN = ' ';

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> open = new ArrayDeque<>();
    private int at;
    private int line = 1;
    private boolean lineStarts = true;

    private Lexer(String source) {
        String unix = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
    }

    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        try {
            lexer.text();
        } catch (ChatTemplateException e) {
            throw new ChatTemplateException("line " + lexer.line + ": " + e.getMessage(), e);
        }
        lexer.add(Token.Type.END, "");
        return lexer.tokens;
    }

    private void add(Token.Type type, String text) {
        tokens.add(Token.of(type, text, line));
    }

    private void text() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(source.substring(at));
                return;
            }
            char kind = source.charAt(tag + 1);
            Matcher raw = RAW.matcher(source).region(tag, source.length());
            char sign = sign(tag + 2);
            data(beforeTag(source.substring(at, tag), sign, kind == '{'));
            skipTo(tag);
            if (kind == '%' && raw.lookingAt()) {
                skipTo(raw.end());
                if (!raw.group(2).isEmpty()) {
                    skipSpaces();
                }
                raw();
            } else if (kind == '#') {
                comment(tag + (sign == NO_SIGN ? 2 : 3));
            } else {
                tag(kind == '{', tag + (sign == NO_SIGN ? 2 : 3));
            }
            lineStarts = source.charAt(at - 1) == '\n';
        }
    }

    private char sign(int index) {
        char sign = index < source.length() ? source.charAt(index) : NO_SIGN;
        return sign == '-' || sign == '+' ? sign : NO_SIGN;
    }

    private int nextTag() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            add(Token.Type.DATA, text);
        }
    }

    /** Goes on behind some of the source; its line ends are counted. */
    private void skipTo(int end) {
        line += (int) source.substring(at, end).chars().filter(c -> c == '\n').count();
        at = end;
    }

    private String beforeTag(String text, char sign, boolean variable) {
        int end = text.length();
        if (sign == '-') {
            while (end > 0 && Characters.isSpace(text.charAt(end - 1))) {
                end--;
            }
        } else if (sign != '+' && !variable) {
            int start = text.lastIndexOf('\n') + 1;
            boolean blank = text.chars().skip(start).allMatch(Characters::isSpace);
            if (blank && (start > 0 || lineStarts)) {
                end = start;
            }
        }
        return text.substring(0, end);
    }

    private void skipSpaces() {
        int end = at;
        while (end < source.length() && Characters.isSpace(source.charAt(end))) {
            end++;
        }
        skipTo(end);
    }

    private void raw() {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at)) {
            throw new ChatTemplateException("'raw' has no 'endraw'");
        }
        lineStarts = source.charAt(at - 1) == '\n';
        data(beforeTag(source.substring(at, end.start()), sign(end.start() + 2), false));
        skipTo(end.end());
        afterBlock(end.group(2).isEmpty() ? NO_SIGN : end.group(2).charAt(0));
    }

    private void afterBlock(char sign) {
        if (sign == '-') {
            skipSpaces();
        } else if (sign == NO_SIGN && source.startsWith("\n", at)) {
            skipTo(at + 1);
        }
    }

    private void comment(int begin) {
        int end = source.indexOf("#}", begin);
        if (begin == source.length()) {
            skipTo(begin); // at the very end, the mark of a comment is dropped
            return;
        }
        if (end < 0) {
            throw new ChatTemplateException("a comment does not end");
        }
        skipTo(end + 2);
        afterBlock(end > begin ? sign(end - 1) : NO_SIGN);
    }

    private void tag(boolean variable, int begin) {
        add(variable ? Token.Type.VARIABLE_BEGIN : Token.Type.BLOCK_BEGIN, "");
        at = begin;
        String close = variable ? "}}" : "%}";
        while (true) {
            skipSpaces();
            if (at >= source.length()) {
                throw new ChatTemplateException("a tag does not end, expected '" + close + "'");
            }
            char sign = sign(at);
            boolean signed = sign == '-' || sign == '+' && !variable;
            if (open.isEmpty() && source.startsWith(close, signed ? at + 1 : at)) {
                add(variable ? Token.Type.VARIABLE_END : Token.Type.BLOCK_END, "");
                at += signed ? 3 : 2;
                if (signed || !variable) {
                    afterBlock(signed ? sign : NO_SIGN);
                }
                return;
            }
            token();
        }
    }

    private void token() {
        char first = source.charAt(at);
        if (first >= '0' && first <= '9') {
            number();
        } else if (first == '"' || first == '\'') {
            string(first);
        } else if (first == '_' || Character.isUnicodeIdentifierStart(source.codePointAt(at))) {
            int end = at;
            while (end < source.length() && (source.charAt(end) == '_'
                    || Character.isUnicodeIdentifierPart(source.codePointAt(end))
                            && !Character.isIdentifierIgnorable(source.codePointAt(end)))) {
                end += Character.charCount(source.codePointAt(end));
            }
            add(Token.Type.NAME, source.substring(at, end));
            at = end;
        } else {
            operator();
        }
    }

    private void operator() {
        String operator = OPERATORS.stream().filter(candidate -> source.startsWith(candidate, at)).findFirst()
                .orElseThrow(() -> new ChatTemplateException(
                        "unexpected character '" + Character.toString(source.codePointAt(at)) + "'"));
        char sign = operator.charAt(0);
        if ("([{".indexOf(sign) >= 0) {
            open.push(sign == '(' ? ')' : sign == '[' ? ']' : '}');
        } else if (")]}".indexOf(sign) >= 0 && (open.isEmpty() || open.pop() != sign)) {
            throw new ChatTemplateException("unexpected '" + operator + "'");
        }
        add(Token.Type.OPERATOR, operator);
        at += operator.length();
    }

    private void number() {
        Matcher real = FLOAT.matcher(source).region(at, source.length());
        if ((at == 0 || source.charAt(at - 1) != '.') && real.lookingAt()) {
            number(real.group(), Num.of(Double.parseDouble(real.group().replace("_", ""))));
            return;
        }
        Matcher whole = INTEGER.matcher(source).region(at, source.length());
        if (!whole.lookingAt()) {
            throw new ChatTemplateException("unexpected number");
        }
        String text = whole.group();
        String digits = text.replace("_", "");
        int radix = digits.length() < 2 ? 10 : switch (digits.charAt(1)) {
            case 'b', 'B' -> 2;
            case 'o', 'O' -> 8;
            case 'x', 'X' -> 16;
            default -> 10;
        };
        if (digits.length() > Num.BITS) {
            throw new ChatTemplateException("a whole number has more than 4300 digits");
        }
        number(text, Num.of(new BigInteger(radix == 10 ? digits : digits.substring(2), radix)));
    }

    private void number(String text, Num value) {
        tokens.add(new Token(Token.Type.NUMBER, text, value, line));
        at += text.length();
    }

    private void string(char quote) {
        StringBuilder text = new StringBuilder();
        int i = at + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            if (source.charAt(i) == '\\' && i + 1 < source.length()) {
                i = escape(i + 1, text);
            } else {
                text.append(source.charAt(i++));
            }
        }
        if (i >= source.length()) {
            throw new ChatTemplateException("a string does not end, expected " + quote);
        }
        add(Token.Type.STRING, text.toString());
        skipTo(i + 1);
    }

    /** Reads what follows a backslash; returns where it ends. */
    private int escape(int from, StringBuilder text) {
        char kind = source.charAt(from);
        int simple = "\\'\"abfnrtv".indexOf(kind);
        if (simple >= 0) {
            text.append("\\'\"\u0007\b\f\n\r\t\u000b".charAt(simple));
            return from + 1;
        }
        int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        if (digits > 0) {
            return codePoint(from + 1, from + 1 + digits, 16, text);
        }
        if (kind == '\n') {
            return from + 1;
        }
        int end = from;
        while (end < from + 3 && end < source.length() && source.charAt(end) >= '0' && source.charAt(end) <= '7') {
            end++;
        }
        if (end > from) {
            return codePoint(from, end, 8, text);
        }
        text.append('\\').append(kind);
        return from + 1;
    }

    private int codePoint(int from, int to, int radix, StringBuilder text) {
        try {
            text.appendCodePoint(Integer.parseInt(source.substring(from, to), radix));
            return to;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new ChatTemplateException("a string has a wrong escape after the backslash", e);
        }
    }
}
