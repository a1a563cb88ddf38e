package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts encodings to a length, keeping what was cut off as overlapping windows.
 *
 * @param maxLength tokens that remain at most, those of the template included
 * @param stride tokens by which neighbouring windows overlap
 * @param strategy which text of a pair is cut
 * @param side the end that is cut
 */
public record Truncation(int maxLength, int stride, Strategy strategy, Side side) {

    /** Which text of a pair is cut. */
    public enum Strategy {
        /** The longer one first, then both alike. */
        LONGEST_FIRST,
        ONLY_FIRST,
        ONLY_SECOND
    }

    public Truncation {
        if (maxLength < 0) {
            throw new TokenizerException("truncation: maximum length must be >= 0, got " + maxLength);
        }
        if (stride < 0) {
            throw new TokenizerException("truncation: stride must be >= 0, got " + stride);
        }
    }

    /** Cuts on the right, the longer text first, without overlap. */
    public static Truncation to(int maxLength) {
        return new Truncation(maxLength, 0, Strategy.LONGEST_FIRST, Side.RIGHT);
    }

    public Truncation on(Side newSide) {
        return new Truncation(maxLength, stride, strategy, newSide);
    }

    /** Cuts one text, or two, so that they and the template's tokens fit. */
    List<Encoding> cut(List<Encoding> texts, int templateTokens) {
        int room = maxLength - templateTokens;
        if (room < 0) {
            throw new TokenizerException("truncation: maximum length " + maxLength + " has no room for the "
                    + templateTokens + " tokens of the template");
        }
        int total = texts.stream().mapToInt(Encoding::length).sum();
        if (total <= room) {
            return texts;
        }
        boolean pair = texts.size() > 1;
        if (room == 0) {
            return texts.stream().map(text -> cut(text, 0)).toList();
        }
        if (strategy == Strategy.LONGEST_FIRST) {
            return pair ? cutLongest(texts, room) : List.of(cut(texts.get(0), room));
        }
        int target = strategy == Strategy.ONLY_FIRST ? 0 : 1;
        if (target >= texts.size()) {
            throw new TokenizerException("truncation: only the second text may be cut, but there is one text");
        }
        int left = texts.get(target).length() - (total - room);
        if (left <= 0) {
            throw new TokenizerException("truncation: cutting only the " + (target == 0 ? "first" : "second")
                    + " text cannot reach " + maxLength + " tokens, its length is " + texts.get(target).length()
                    + " of " + total);
        }
        List<Encoding> result = new ArrayList<>(texts);
        result.set(target, cut(texts.get(target), left));
        return result;
    }

    private List<Encoding> cutLongest(List<Encoding> texts, int room) {
        int first = texts.get(0).length();
        int second = texts.get(1).length();
        int shorter = Math.min(first, second);
        int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
        if (shorter + longer > room) {
            shorter = room / 2;
            longer = shorter + room % 2;
        }
        boolean swap = first > second;
        return List.of(cut(texts.get(0), swap ? longer : shorter), cut(texts.get(1), swap ? shorter : longer));
    }

    private Encoding cut(Encoding text, int length) {
        if (length >= text.length()) {
            return text;
        }
        if (length == 0) {
            return text.slice(0, 0).withOverflow(List.of(text));
        }
        if (stride >= length) {
            throw new TokenizerException("truncation: stride " + stride + " must be less than the " + length
                    + " tokens that a window has without the template's");
        }
        List<Encoding> windows = new ArrayList<>();
        int step = length - stride;
        for (int edge = 0; ; edge += step) {
            int begin = side == Side.RIGHT ? edge : Math.max(text.length() - edge - length, 0);
            int end = side == Side.RIGHT ? Math.min(edge + length, text.length()) : text.length() - edge;
            windows.add(text.slice(begin, end));
            if (side == Side.RIGHT ? end == text.length() : begin == 0) {
                return windows.get(0).withOverflow(List.copyOf(windows.subList(1, windows.size())));
            }
        }
    }
}
