package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/**
 * Fills encodings with padding to one length.
 *
 * @param length the length to reach; empty means that of the longest encoding of the batch
 * @param multiple the length is rounded up to a multiple of this; 1 leaves it
 * @param side the end that is filled
 * @param id id of the padding token
 * @param token the padding token
 * @param typeId type of the padding
 */
public record Padding(OptionalInt length, int multiple, Side side, int id, String token, int typeId) {

    public Padding {
        if (multiple < 1) {
            throw new TokenizerException("padding: multiple must be >= 1, got " + multiple);
        }
    }

    /** Fills on the right to the longest of the batch. */
    public static Padding longest(int id, String token) {
        return new Padding(OptionalInt.empty(), 1, Side.RIGHT, id, token, 0);
    }

    public Padding toLength(int fixedLength) {
        return new Padding(OptionalInt.of(fixedLength), multiple, side, id, token, typeId);
    }

    public Padding multipleOf(int factor) {
        return new Padding(length, factor, side, id, token, typeId);
    }

    public Padding on(Side newSide) {
        return new Padding(length, multiple, newSide, id, token, typeId);
    }

    /** All encodings filled to one length; a longer one stays as it is. Windows of overflow are filled alike. */
    public List<Encoding> pad(List<Encoding> batch) {
        int target = length.orElseGet(
                () -> batch.stream().mapToInt(Encoding::length).max().orElse(0));
        int rounded = (target + multiple - 1) / multiple * multiple;
        return batch.stream().map(encoding -> fill(encoding, rounded)).toList();
    }

    private Encoding fill(Encoding encoding, int target) {
        int old = encoding.length();
        List<Encoding> overflow = encoding.eachWindow(window -> fill(window, target));
        if (old >= target) {
            return encoding.withOverflow(overflow);
        }
        List<String> padding = Collections.nCopies(target - old, token);
        List<String> tokens = new ArrayList<>(side == Side.LEFT ? padding : encoding.tokens());
        tokens.addAll(side == Side.LEFT ? encoding.tokens() : padding);
        return new Encoding(
                fill(encoding.ids(), target, id),
                Collections.unmodifiableList(tokens),
                fill(encoding.starts(), target, 0),
                fill(encoding.ends(), target, 0),
                fill(encoding.typeIds(), target, typeId),
                fill(encoding.specialTokensMask(), target, 1),
                fill(encoding.words(), target, -1),
                fill(encoding.attentionMask(), target, 0),
                fill(encoding.sequences(), target, -1),
                overflow);
    }

    private int[] fill(int[] values, int target, int value) {
        int[] result = Encoding.filled(target, value);
        System.arraycopy(values, 0, result, side == Side.LEFT ? target - values.length : 0, values.length);
        return result;
    }
}
