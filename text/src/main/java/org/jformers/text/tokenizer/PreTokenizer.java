package org.jformers.text.tokenizer;

import java.util.function.Consumer;

/** Cuts a text into words, on which the model works one by one. */
@FunctionalInterface
interface PreTokenizer {

    /** Hands the words on, in order, without empty ones. */
    void split(Text text, Consumer<Text> out);

    /** This cut, and every word cut again by the next. */
    default PreTokenizer then(PreTokenizer next) {
        return (text, out) -> split(text, word -> {
            word.budget.spend(1 + word.length());
            next.split(word, out);
        });
    }
}
