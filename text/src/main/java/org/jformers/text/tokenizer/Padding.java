package org.jformers.text.tokenizer;

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

    public Padding ofType(int newTypeId) {
        return new Padding(length, multiple, side, id, token, newTypeId);
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
        return encoding.padded(target - old, side, id, token, typeId).withOverflow(overflow);
    }
}
