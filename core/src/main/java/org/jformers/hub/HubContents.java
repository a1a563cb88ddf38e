package org.jformers.hub;

/** What a snapshot has to hold. */
public enum HubContents {
    /** Configuration, tokenizer and weights. */
    MODEL,
    /** Configuration and tokenizer. */
    TOKENIZER
}
