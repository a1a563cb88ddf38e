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
        OptionalInt mask) {}
