package org.jformers.text.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * General categories with which BERT's clean-up and splitting work. The reference counts with those of Unicode 8, so
 * they come from a table and not from the JDK, whose data grow with every release.
 */
final class Categories {
    private static final Map<String, BitSet> TABLE = read();
    private static final BitSet CONTROL = table("control");
    private static final BitSet PUNCTUATION = table("punctuation");
    private static final BitSet NONSPACING_MARK = table("nonspacing-mark");
    private static final BitSet MARK = table("mark");

    private Categories() {}

    private static BitSet table(String name) {
        return Objects.requireNonNull(TABLE.get(name), name);
    }

    /** Categories Cc, Cf and Co and U+FFFD, without tab, line feed and carriage return. */
    static boolean isControl(int c) {
        return CONTROL.get(c);
    }

    /** ASCII symbols and category P. */
    static boolean isPunctuation(int c) {
        return PUNCTUATION.get(c);
    }

    /** Category Mn. */
    static boolean isNonspacingMark(int c) {
        return NONSPACING_MARK.get(c);
    }

    /** Category M. */
    static boolean isMark(int c) {
        return MARK.get(c);
    }

    private static Map<String, BitSet> read() {
        Map<String, BitSet> table = new HashMap<>();
        try (InputStream stream = Categories.class.getResourceAsStream("categories.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            BitSet current = new BitSet();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    current = new BitSet();
                    table.put(line.substring(1, line.length() - 1), current);
                } else if (!line.startsWith("#")) {
                    for (String range : line.split(" ")) {
                        String[] ends = range.split("-");
                        int last = Integer.parseInt(ends[ends.length - 1], 16);
                        current.set(Integer.parseInt(ends[0], 16), last + 1);
                    }
                }
            }
            return table;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
