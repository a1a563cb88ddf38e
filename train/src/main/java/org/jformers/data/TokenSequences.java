package org.jformers.data;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * The token ids of many texts, held in few large arrays. Immutable.
 *
 * <p>Texts are encoded on all cores in groups of a fixed number; the ids of a group lie one behind the other in one
 * array, or in a file, see {@link TokenStore}.
 */
public final class TokenSequences {
    static final int GROUP = 512;

    /** Ids of up to {@link #GROUP} sequences; sequence i ends before {@code ends[i]}. */
    record Group(IntBuffer ids, int[] ends) {
        int start(int i) {
            return i == 0 ? 0 : ends[i - 1];
        }
    }

    private final Group[] groups;
    private final int size;
    private final long tokens;

    /** @param groups all but the last of {@link #GROUP} sequences */
    TokenSequences(Group[] groups) {
        this.groups = groups;
        size = groups.length == 0 ? 0 : (groups.length - 1) * GROUP + groups[groups.length - 1].ends.length;
        tokens = Arrays.stream(groups).mapToLong(group -> group.ids.limit()).sum();
    }

    /** Encodes each text with the special tokens that the tokenizer's template adds. */
    public static TokenSequences encode(List<String> texts, Tokenizer tokenizer) {
        return of(texts, text -> tokenizer.encode(text).ids());
    }

    /** Encodes each text without special tokens. */
    public static TokenSequences encodePlain(List<String> texts, Tokenizer tokenizer) {
        return of(texts, text -> tokenizer.encodePlain(text).ids());
    }

    /** Encodes each item with a function, which must be thread-safe. */
    public static <T> TokenSequences of(List<T> items, Function<T, int[]> encode) {
        return of(items, 1, item -> new int[][] {encode.apply(item)}).get(0);
    }

    /**
     * Sequences that belong together, such as ids and types of tokens: encodes each item with a function, which must be
     * thread-safe and gives so many sequences of an item.
     */
    static <T> List<TokenSequences> of(List<T> items, int sequences, Function<T, int[][]> encode) {
        int count = (items.size() + GROUP - 1) / GROUP;
        List<Group[]> groups = IntStream.range(0, count).parallel()
                .mapToObj(g -> groups(items.subList(g * GROUP, Math.min(items.size(), (g + 1) * GROUP)), sequences,
                        encode))
                .toList();
        return IntStream.range(0, sequences)
                .mapToObj(s -> new TokenSequences(groups.stream().map(group -> group[s]).toArray(Group[]::new)))
                .toList();
    }

    private static <T> Group[] groups(List<T> items, int sequences, Function<T, int[][]> encode) {
        int[][][] encoded = new int[sequences][items.size()][];
        for (int i = 0; i < items.size(); i++) {
            int[][] item = encode.apply(items.get(i));
            for (int s = 0; s < sequences; s++) {
                encoded[s][i] = item[s];
            }
        }
        return Arrays.stream(encoded).map(TokenSequences::group).toArray(Group[]::new);
    }

    static Group group(int[][] encoded) {
        int[] ends = new int[encoded.length];
        int end = 0;
        for (int i = 0; i < encoded.length; i++) {
            end = Math.addExact(end, encoded[i].length);
            ends[i] = end;
        }
        int[] ids = new int[end];
        for (int i = 0; i < encoded.length; i++) {
            System.arraycopy(encoded[i], 0, ids, ends[i] - encoded[i].length, encoded[i].length);
        }
        return new Group(IntBuffer.wrap(ids), ends);
    }

    /** Number of sequences. */
    public int size() {
        return size;
    }

    /** Number of tokens of all sequences. */
    public long tokens() {
        return tokens;
    }

    /** Number of tokens of sequence {@code i}. */
    public int length(int i) {
        Group group = groups[i / GROUP];
        return group.ends[i % GROUP] - group.start(i % GROUP);
    }

    /** The ids of sequence {@code i}. */
    public int[] get(int i) {
        int[] ids = new int[length(i)];
        copy(i, 0, ids, 0, ids.length);
        return ids;
    }

    /** Copies ids of sequence {@code i}, from place {@code from} on, to place {@code to} of an array. */
    void copy(int i, int from, int[] target, int to, int count) {
        Group group = groups[i / GROUP];
        group.ids.get(group.start(i % GROUP) + from, target, to, count);
    }

    /** The first sequences, so many at most. */
    public TokenSequences first(int most) {
        if (most >= size) {
            return this;
        }
        int whole = most / GROUP;
        Group[] kept = Arrays.copyOf(groups, (most + GROUP - 1) / GROUP);
        if (kept.length > whole) {
            int[] ends = Arrays.copyOf(groups[whole].ends, most - whole * GROUP);
            kept[whole] = new Group(groups[whole].ids.slice(0, ends[ends.length - 1]), ends);
        }
        return new TokenSequences(kept);
    }
}
