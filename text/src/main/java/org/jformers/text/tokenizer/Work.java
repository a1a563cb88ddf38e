package org.jformers.text.tokenizer;

import java.util.Collection;
import org.jformers.text.WorkBudget;

/**
 * The budgets of tokenizers. They grow with the length of the text, so that honest tokenizers never notice: the widest
 * word patterns of real models take some forty steps for a character, the longest decomposition of a character has
 * eighteen.
 */
final class Work {
    /** As many ways back as the tokenizers library takes in one match before it gives up. */
    private static final long STEPS = 10_000_000;
    private static final long STEPS_PER_CHARACTER = 300;
    private static final long ROOM = 1_000_000;
    private static final long ROOM_PER_CHARACTER = 40;
    private static final long ROOM_PER_TOKEN = 256;

    private Work() {}

    /** For encoding or normalizing a text. */
    static WorkBudget ofText(long characters) {
        return WorkBudget.of(() -> "encoding a text of " + characters + " characters",
                STEPS + STEPS_PER_CHARACTER * characters, ROOM + ROOM_PER_CHARACTER * characters);
    }

    /** For decoding tokens. */
    static WorkBudget ofTokens(long tokens) {
        long room = ROOM + ROOM_PER_TOKEN * tokens;
        return WorkBudget.of(() -> "decoding " + tokens + " tokens", STEPS + STEPS_PER_CHARACTER * (room - ROOM), room);
    }

    /** Looks at every way to cut each token in two, whose cost grows with the square of its length. */
    static void payForCuts(Collection<String> tokens) {
        ofDefinition(tokens.stream().mapToLong(String::length).sum())
                .spend(tokens.stream().mapToLong(token -> (long) token.length() * token.length()).sum());
    }

    /** For what is computed once when a tokenizer is read. */
    static WorkBudget ofDefinition(long characters) {
        return WorkBudget.of("reading a tokenizer with " + characters + " characters of tokens",
                STEPS + STEPS_PER_CHARACTER * characters, ROOM + ROOM_PER_CHARACTER * characters);
    }
}
