package org.jformers.text.tokenizer;

/** The end at which an encoding is cut or filled. */
public enum Side {
    LEFT,
    RIGHT
}
