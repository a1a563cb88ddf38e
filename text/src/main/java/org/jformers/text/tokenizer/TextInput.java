package org.jformers.text.tokenizer;

import java.util.Optional;

/** One text to encode, or a pair of texts. */
public record TextInput(String first, Optional<String> second) {

    public static TextInput of(String text) {
        return new TextInput(text, Optional.empty());
    }

    public static TextInput pair(String first, String second) {
        return new TextInput(first, Optional.of(second));
    }
}
