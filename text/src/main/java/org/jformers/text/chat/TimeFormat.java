package org.jformers.text.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;

/** Writes times as {@code strftime} does, in English. */
final class TimeFormat {
    /** The directives and what they are in Java; a minus before one drops the zeros in front. */
    private static final Map<Character, String> DIRECTIVES = Map.ofEntries(
            Map.entry('a', "EEE"), Map.entry('A', "EEEE"), Map.entry('b', "MMM"), Map.entry('h', "MMM"),
            Map.entry('B', "MMMM"), Map.entry('d', "dd"), Map.entry('m', "MM"), Map.entry('y', "yy"),
            Map.entry('Y', "yyyy"), Map.entry('H', "HH"), Map.entry('I', "hh"), Map.entry('M', "mm"),
            Map.entry('S', "ss"), Map.entry('f', "SSSSSS"), Map.entry('p', "a"), Map.entry('j', "DDD"),
            Map.entry('D', "MM/dd/yy"), Map.entry('F', "yyyy-MM-dd"), Map.entry('T', "HH:mm:ss"),
            Map.entry('R', "HH:mm"), Map.entry('x', "MM/dd/yy"), Map.entry('X', "HH:mm:ss"),
            Map.entry('c', "EEE MMM ppd HH:mm:ss yyyy"), Map.entry('e', "ppd"));

    private TimeFormat() {}

    static String format(String format, LocalDateTime time) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) != '%' || i + 1 == format.length()) {
                out.append(format.charAt(i));
                continue;
            }
            boolean bare = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += bare ? 2 : 1;
            String text = directive(format.charAt(i), time);
            out.append(bare && text.matches("0\\d+") ? text.replaceFirst("^0+(?=\\d)", "") : text);
        }
        return out.toString();
    }

    private static String directive(char directive, LocalDateTime time) {
        int day = time.get(ChronoField.DAY_OF_WEEK);
        return switch (directive) {
            case '%' -> "%";
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'w' -> Integer.toString(day % 7);
            case 'u' -> Integer.toString(day);
            case 'z', 'Z' -> ""; // the time has no zone
            default -> {
                String pattern = DIRECTIVES.get(directive);
                if (pattern == null) {
                    throw new ChatTemplateException("strftime_now: unknown directive '%" + directive + "'");
                }
                yield time.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
            }
        };
    }
}
