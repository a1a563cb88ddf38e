package org.jformers.text.tokenizer;

import java.util.List;
import org.jformers.text.WorkBudget;

/** Turns tokens into pieces of text; decoders chain, and at the end the pieces are joined. */
@FunctionalInterface
interface Decoder {
    List<String> decode(List<String> tokens, WorkBudget budget);
}
