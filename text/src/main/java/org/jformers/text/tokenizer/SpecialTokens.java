package org.jformers.text.tokenizer;

import java.util.OptionalInt;

/** Ids of the tokens with a role; a role that the tokenizer does not have is empty. */
public record SpecialTokens(
        OptionalInt bos,
        OptionalInt eos,
        OptionalInt pad,
        OptionalInt unk,
        OptionalInt sep,
        OptionalInt cls,
        OptionalInt mask) {

    /** Padding by another token where no token has that role. */
    SpecialTokens withPad(String token, Tokenizer tokenizer) {
        return pad.isPresent() || token.isEmpty()
                ? this
                : new SpecialTokens(bos, eos, tokenizer.id(token), unk, sep, cls, mask);
    }
}
