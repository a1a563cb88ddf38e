package org.jformers.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * The token ids of many texts, held in few large arrays. Immutable.
 *
 * <p>Texts are encoded on all cores in groups of a fixed number; the ids of a group lie one behind the other in one
 * array.
 */
public final class TokenSequences {
    private static final int GROUP = 512;

    /** Ids of up to {@link #GROUP} sequences; sequence i ends before {@code ends[i]}. */
    private record Group(int[] ids, int[] ends) {
        int start(int i) {
            return i == 0 ? 0 : ends[i - 1];
        }
    }

    private final Group[] groups;
    private final int size;
    private final long tokens;

    private TokenSequences(Group[] groups) {
        this.groups = groups;
        size = groups.length == 0 ? 0 : (groups.length - 1) * GROUP + groups[groups.length - 1].ends.length;
        tokens = Arrays.stream(groups).mapToLong(group -> group.ids.length).sum();
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

    private static Group group(int[][] encoded) {
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
        return new Group(ids, ends);
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
        Group group = groups[i / GROUP];
        return Arrays.copyOfRange(group.ids, group.start(i % GROUP), group.ends[i % GROUP]);
    }
}
