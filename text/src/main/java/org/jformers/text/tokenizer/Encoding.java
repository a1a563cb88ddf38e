package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * What encoding a text gives; all parts have one entry per token.
 *
 * @param ids token ids
 * @param tokens the tokens as written in the vocabulary
 * @param starts offset of each token's first character in the text, in Unicode code points
 * @param ends offset behind each token's last character
 * @param typeIds 0 for the first text, 1 for the second
 * @param specialTokensMask 1 where the token was added by the template or as padding, 0 where it stands for text
 * @param words index of the word that the token belongs to, -1 for added special tokens
 * @param attentionMask 1 for tokens, 0 for padding
 * @param sequences 0 where the token stands for the first text, 1 for the second, -1 for added special tokens
 * @param overflow what truncation cut off, as further windows
 */
public record Encoding(
        int[] ids,
        List<String> tokens,
        int[] starts,
        int[] ends,
        int[] typeIds,
        int[] specialTokensMask,
        int[] words,
        int[] attentionMask,
        int[] sequences,
        List<Encoding> overflow) {

    /** An encoding of one text, without padding and overflow. */
    public Encoding(
            int[] ids,
            List<String> tokens,
            int[] starts,
            int[] ends,
            int[] typeIds,
            int[] specialTokensMask,
            int[] words) {
        this(
                ids,
                tokens,
                starts,
                ends,
                typeIds,
                specialTokensMask,
                words,
                filled(ids.length, 1),
                Arrays.stream(specialTokensMask).map(special -> -special).toArray(),
                List.of());
    }

    /** Tokens that stand for no text. */
    static Encoding special(int[] ids, List<String> tokens, int type) {
        int count = ids.length;
        return new Encoding(
                ids, tokens, new int[count], new int[count], filled(count, type), filled(count, 1), filled(count, -1));
    }

    /** Number of tokens. */
    public int length() {
        return ids.length;
    }

    /** The token that covers a character of a text (0 or 1), empty if none does. */
    public OptionalInt tokenAt(int character, int sequence) {
        return IntStream.range(0, length())
                .filter(i -> sequences[i] == sequence && starts[i] <= character && character < ends[i])
                .findFirst();
    }

    /** The tokens of a word of a text (0 or 1), in order; none if there is no such word. */
    public int[] tokensOfWord(int word, int sequence) {
        return IntStream.range(0, length())
                .filter(i -> sequences[i] == sequence && words[i] == word)
                .toArray();
    }

    /** The same tokens as those of the second text of a pair. */
    Encoding asSecond() {
        return new Encoding(
                ids, tokens, starts, ends, filled(length(), 1), specialTokensMask, words, attentionMask,
                filled(length(), 1), overflow);
    }

    static int[] filled(int length, int value) {
        int[] array = new int[length];
        Arrays.fill(array, value);
        return array;
    }

    /** The same tokens with another type, and so their overflow. */
    Encoding withType(int type) {
        return new Encoding(
                ids, tokens, starts, ends, filled(length(), type), specialTokensMask, words, attentionMask, sequences,
                eachWindow(window -> window.withType(type)));
    }

    Encoding withOffsets(int[] newStarts, int[] newEnds, List<Encoding> newOverflow) {
        return new Encoding(
                ids, tokens, newStarts, newEnds, typeIds, specialTokensMask, words, attentionMask, sequences,
                newOverflow);
    }

    Encoding withOverflow(List<Encoding> newOverflow) {
        return withOffsets(starts, ends, newOverflow);
    }

    /** The windows of overflow after a change. */
    List<Encoding> eachWindow(UnaryOperator<Encoding> change) {
        return overflow.isEmpty() ? overflow : overflow.stream().map(change).toList();
    }

    /** The tokens from {@code begin} to {@code end}, without overflow. */
    Encoding slice(int begin, int end) {
        return new Encoding(
                Arrays.copyOfRange(ids, begin, end),
                tokens.subList(begin, end),
                Arrays.copyOfRange(starts, begin, end),
                Arrays.copyOfRange(ends, begin, end),
                Arrays.copyOfRange(typeIds, begin, end),
                Arrays.copyOfRange(specialTokensMask, begin, end),
                Arrays.copyOfRange(words, begin, end),
                Arrays.copyOfRange(attentionMask, begin, end),
                Arrays.copyOfRange(sequences, begin, end),
                List.of());
    }

    /**
     * One encoding of several in a row. Windows of overflow combine: every window of one part with the other parts and
     * with their windows.
     */
    static Encoding joined(List<Encoding> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        for (Encoding part : parts) {
            if (!part.overflow.isEmpty()) {
                return parts.stream().reduce(Encoding::joined).orElseThrow();
            }
        }
        return concatenated(parts);
    }

    private static Encoding joined(Encoding first, Encoding second) {
        List<Encoding> windows = new ArrayList<>();
        for (Encoding window : first.overflow) {
            windows.add(concatenated(List.of(window, second)));
            second.overflow.forEach(other -> windows.add(concatenated(List.of(window, other))));
        }
        second.overflow.forEach(other -> windows.add(concatenated(List.of(first, other))));
        return concatenated(List.of(first, second)).withOverflow(windows);
    }

    private static Encoding concatenated(List<Encoding> parts) {
        int length = 0;
        for (Encoding part : parts) {
            length += part.length();
        }
        int[] ids = new int[length];
        String[] tokens = new String[length];
        int[] starts = new int[length];
        int[] ends = new int[length];
        int[] typeIds = new int[length];
        int[] special = new int[length];
        int[] words = new int[length];
        int[] attention = new int[length];
        int[] sequences = new int[length];
        int at = 0;
        for (Encoding part : parts) {
            int count = part.length();
            System.arraycopy(part.ids, 0, ids, at, count);
            System.arraycopy(part.tokens.toArray(), 0, tokens, at, count);
            System.arraycopy(part.starts, 0, starts, at, count);
            System.arraycopy(part.ends, 0, ends, at, count);
            System.arraycopy(part.typeIds, 0, typeIds, at, count);
            System.arraycopy(part.specialTokensMask, 0, special, at, count);
            System.arraycopy(part.words, 0, words, at, count);
            System.arraycopy(part.attentionMask, 0, attention, at, count);
            System.arraycopy(part.sequences, 0, sequences, at, count);
            at += count;
        }
        return new Encoding(
                ids, Collections.unmodifiableList(Arrays.asList(tokens)), starts, ends, typeIds, special, words,
                attention, sequences, List.of());
    }
}
