package org.jformers.text.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;

/**
 * The normalization table of a sentencepiece model (arXiv:1808.06226): a trie of byte strings and what they become.
 *
 * <p>As a normalizer of tokenizer.json it works on grapheme clusters, like the tokenizers library: a cluster below six
 * bytes is looked up as a whole and otherwise character by character, and the shortest entry counts.
 */
final class PrecompiledCharsmap implements Normalizer {
    private static final Pattern CLUSTER = Pattern.compile("\\X");
    private static final int WHOLE_CLUSTER_BYTES = 6;

    /** A hundred times what the tables of sentencepiece have. */
    private static final int LONGEST_REPLACEMENT = 4096;

    private static final int FIRST_MARK = 0x300;

    private final DoubleArrayTrie trie;
    private final byte[] strings;
    /** What the characters below the first mark become; null where they stay. */
    private final @Nullable String[] common = new String[FIRST_MARK];

    private PrecompiledCharsmap(DoubleArrayTrie trie, byte[] strings) {
        this.trie = trie;
        this.strings = strings;
        for (int c = 0; c < common.length; c++) {
            common[c] = shortest(utf8(c));
        }
    }

    static Normalizer of(Component component) {
        String text = component.text("precompiled_charsmap");
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return of(bytes);
        } catch (IllegalArgumentException e) {
            throw component.error("precompiled_charsmap is not base64");
        }
    }

    /** Reads the table: size of the trie, trie, strings that end with a zero byte. */
    static PrecompiledCharsmap of(byte[] table) {
        ByteBuffer buffer = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        int size = table.length < 4 ? -1 : buffer.getInt();
        if (size < 4 || size > table.length - 4 || size % 4 != 0) {
            throw new TokenizerException(
                    "normalization table is damaged: trie of " + size + " bytes in " + table.length + " bytes");
        }
        int[] units = new int[size / 4];
        buffer.asIntBuffer().get(units);
        return new PrecompiledCharsmap(new DoubleArrayTrie(units), Arrays.copyOfRange(table, 4 + size, table.length));
    }

    @Override
    public Text normalize(Text text) {
        if (isPlain(text)) {
            return text;
        }
        Changes changes = new Changes(text.length() + 8);
        boolean changed = false;
        String string = null;
        Matcher clusters = null;
        int unit = 0;
        for (int i = 0; i < text.length(); ) {
            int length = 1;
            int units = Character.charCount(text.at(i));
            if (i + 1 < text.length()
                    && (text.at(i + 1) >= FIRST_MARK || text.at(i) == '\r' || text.at(i) >= FIRST_MARK)) {
                string = string == null ? text.toString() : string;
                clusters = clusters == null ? CLUSTER.matcher(string) : clusters;
                clusters.region(unit, string.length()).lookingAt();
                length = string.codePointCount(unit, clusters.end());
                units = clusters.end() - unit;
            }
            changed |= normalizeCluster(text.slice(i, i + length), changes);
            i += length;
            unit += units;
        }
        return changed ? changes.apply(text) : text;
    }

    /** Whether every character is a cluster of its own, and stays. */
    private boolean isPlain(Text text) {
        for (int i = 0; i < text.length(); i++) {
            int c = text.at(i);
            if (c >= FIRST_MARK || c == '\r' || common[c] != null) {
                return false;
            }
        }
        return true;
    }

    private boolean normalizeCluster(Text cluster, Changes out) {
        if (cluster.length() > 1) {
            byte[] bytes = cluster.toString().getBytes(StandardCharsets.UTF_8);
            String whole = bytes.length < WHOLE_CLUSTER_BYTES ? shortest(bytes) : null;
            if (whole != null) {
                out.replace(cluster.length(), whole);
                return true;
            }
        }
        boolean changed = false;
        for (int i = 0; i < cluster.length(); i++) {
            int c = cluster.at(i);
            String replacement = c < FIRST_MARK ? common[c] : shortest(utf8(c));
            cluster.budget.room(out.size());
            if (replacement == null) {
                out.add(c, 0);
            } else {
                cluster.budget.spend(replacement.length());
                out.replace(1, replacement);
                changed = true;
            }
        }
        return changed;
    }

    private static byte[] utf8(int c) {
        return Character.toString(c).getBytes(StandardCharsets.UTF_8);
    }

    /** What the shortest entry becomes that the bytes begin with; null without one. */
    private @Nullable String shortest(byte[] bytes) {
        int[] found = {-1};
        trie.prefixes(bytes, 0, bytes.length, (length, value) -> {
            found[0] = value;
            return false;
        });
        return found[0] < 0 ? null : string(found[0]);
    }

    private String string(int start) {
        if (start >= strings.length) {
            throw new TokenizerException("normalization table is damaged: no string at " + start);
        }
        int end = start;
        while (end < strings.length && strings[end] != 0) {
            if (++end - start > LONGEST_REPLACEMENT) {
                throw new TokenizerException("normalization table: a replacement must have at most "
                        + LONGEST_REPLACEMENT + " bytes, got more at " + start);
            }
        }
        return new String(strings, start, end - start, StandardCharsets.UTF_8);
    }

    /** The longest entry that the bytes begin with, as sentencepiece looks it up; null without one. */
    @Nullable Entry longest(byte[] bytes, int from, int to, WorkBudget budget) {
        int[] found = {0, -1};
        int looked = trie.prefixes(bytes, from, to, (length, value) -> {
            found[0] = length;
            found[1] = value;
            return true;
        });
        if (looked > 1) {
            budget.spend(looked);
        }
        return found[1] < 0 ? null : new Entry(found[0], string(found[1]));
    }

    /**
     * An entry of the table.
     *
     * @param length its bytes
     * @param replacement what they become
     */
    record Entry(int length, String replacement) {}
}
