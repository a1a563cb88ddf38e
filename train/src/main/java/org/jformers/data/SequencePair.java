package org.jformers.data;

/**
 * An example for an encoder-decoder: token ids of what is read and of what is to be written, with their special tokens.
 * The target ends with the end-of-sequence token and does not begin with the one that starts the decoder.
 */
public record SequencePair(int[] source, int[] target) {}
