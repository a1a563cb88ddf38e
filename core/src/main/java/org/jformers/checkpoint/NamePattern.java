package org.jformers.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tensor name in which each {@code {}} stands for an index, such as {@code h.{}.ln_1.weight}.
 *
 * @param text the name with its placeholders
 */
record NamePattern(String text) {
    private static final String PLACEHOLDER = "{}";
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** How many indices a name of this pattern carries. */
    int indices() {
        return text.split(Pattern.quote(PLACEHOLDER), -1).length - 1;
    }

    /** The indices in {@code name}, as written, if it has this form. */
    Optional<List<String>> match(String name) {
        int begin = 0;
        List<String> indices = new ArrayList<>();
        Matcher digits = DIGITS.matcher(name);
        String[] literals = text.split(Pattern.quote(PLACEHOLDER), -1);
        for (int i = 0; i < literals.length; i++) {
            if (!name.startsWith(literals[i], begin)) {
                return Optional.empty();
            }
            begin += literals[i].length();
            if (i < literals.length - 1) {
                if (!digits.region(begin, name.length()).lookingAt()) {
                    return Optional.empty();
                }
                indices.add(digits.group());
                begin = digits.end();
            }
        }
        return begin == name.length() ? Optional.of(indices) : Optional.empty();
    }

    /** The name with these indices. */
    String fill(List<String> indices) {
        StringBuilder name = new StringBuilder(text);
        int from = 0;
        for (String index : indices) {
            int at = name.indexOf(PLACEHOLDER, from);
            name.replace(at, at + PLACEHOLDER.length(), index);
            from = at + index.length();
        }
        return name.toString();
    }

    /** Equal for this pattern and for every name that it matches; narrows a search to few patterns. */
    String key() {
        return key(text.replace(PLACEHOLDER, "0"));
    }

    /** See {@link #key()}. */
    static String key(String name) {
        return DIGITS.matcher(name).replaceAll("#");
    }
}
