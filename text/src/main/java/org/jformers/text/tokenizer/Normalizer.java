package org.jformers.text.tokenizer;

/** Changes characters and keeps their places in the original text. */
@FunctionalInterface
interface Normalizer {
    Normalizer NONE = text -> text;

    Text normalize(Text text);
}
