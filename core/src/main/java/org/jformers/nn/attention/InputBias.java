package org.jformers.nn.attention;

/** Which of the maps to queries, keys and values add a constant. */
public enum InputBias {
    ALL,
    /** None on the keys, where it could not change a softmax (Whisper). */
    QUERY_AND_VALUE,
    NONE
}
