package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * What a tokenizer puts around and between two texts, such as {@code [CLS] A [SEP] B [SEP]}.
 *
 * @param before special tokens before the first text
 * @param between those between the texts
 * @param after those behind the second one
 * @param types types of the tokens of: before, first text, between, second text, after
 */
record PairFrame(int[] before, int[] between, int[] after, int[] types) {

    /** Asks the tokenizer with two texts. */
    static PairFrame of(Tokenizer tokenizer) {
        Encoding pair = tokenizer.encode("a", "b");
        int[] added = pair.specialTokensMask();
        int[] sequences = pair.sequences();
        List<List<Integer>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int[] types = new int[5];
        int part = 0;
        for (int i = 0; i < added.length; i++) {
            int place = 2 * part;
            if (added[i] == 1) {
                parts.get(part).add(pair.ids()[i]);
            } else {
                part = sequences[i] + 1;
                place = 2 * part - 1;
            }
            types[place] = pair.typeIds()[i];
        }
        return new PairFrame(ids(parts.get(0)), ids(parts.get(1)), ids(parts.get(2)), types);
    }

    private static int[] ids(List<Integer> tokens) {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /** How many special tokens a pair has. */
    int size() {
        return before.length + between.length + after.length;
    }

    /** Both texts with what stands around them. */
    int[] around(int[] first, int[] second) {
        return joined(before, first, between, second, after);
    }

    /** Values of the tokens of both texts, with one value for special tokens. */
    int[] around(int[] first, int[] second, int special) {
        return joined(filled(before.length, special), first, filled(between.length, special), second,
                filled(after.length, special));
    }

    /** The types of the tokens of a pair. */
    int[] types(int first, int second) {
        return joined(filled(before.length, types[0]), filled(first, types[1]), filled(between.length, types[2]),
                filled(second, types[3]), filled(after.length, types[4]));
    }

    private static int[] filled(int length, int value) {
        int[] filled = new int[length];
        Arrays.fill(filled, value);
        return filled;
    }

    private static int[] joined(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }
}
