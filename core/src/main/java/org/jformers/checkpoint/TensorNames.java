package org.jformers.checkpoint;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.JformersException;

/**
 * Names of tensors by patterns: {@code *} stands for any characters, and a module's name for all tensors in it, so that
 * {@code lm_head} and {@code *.attn.*} name what they say.
 *
 * @param patterns what a name or the beginning of a name, up to a dot, must be
 */
public record TensorNames(List<String> patterns) {
    /** No name at all. */
    public static final TensorNames NONE = new TensorNames(List.of());

    /** Every name. */
    public static final TensorNames ALL = new TensorNames(List.of("*"));

    public TensorNames {
        patterns = List.copyOf(patterns);
        if (patterns.stream().anyMatch(String::isBlank)) {
            throw new JformersException("pattern of tensor names: got a blank one, allowed names and *");
        }
    }

    /** The same and more names. */
    public TensorNames and(Collection<String> more) {
        return new TensorNames(Stream.concat(patterns.stream(), more.stream()).toList());
    }

    /** Whether the name is among them. */
    public boolean contains(String name) {
        return patterns.stream().anyMatch(pattern -> expression(pattern).matcher(name).matches());
    }

    private static Pattern expression(String pattern) {
        String name = Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(name + "(\\..*)?", Pattern.DOTALL);
    }
}
