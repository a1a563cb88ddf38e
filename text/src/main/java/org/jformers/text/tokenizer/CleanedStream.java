package org.jformers.text.tokenizer;

import java.util.List;
import java.util.function.UnaryOperator;

/** A stream of text that is given out in parts which the steps on a whole text can no longer change. */
final class CleanedStream implements TokenStream {
    private final TokenStream raw;
    private final List<UnaryOperator<String>> steps;
    private final StringBuilder waiting = new StringBuilder();

    CleanedStream(TokenStream raw, List<UnaryOperator<String>> steps) {
        this.raw = raw;
        this.steps = steps;
    }

    @Override
    public String next(int id) {
        waiting.append(raw.next(id));
        int cut = cut();
        if (cut == 0) {
            return "";
        }
        String part = waiting.substring(0, cut);
        waiting.delete(0, cut);
        return cleaned(part);
    }

    @Override
    public String finish() {
        String part = waiting.append(raw.finish()).toString();
        waiting.setLength(0);
        return cleaned(part);
    }

    private String cleaned(String text) {
        return DecodedText.apply(steps, text);
    }

    /** The last space between two words of letters: no step looks across it. */
    private int cut() {
        for (int i = waiting.length() - 2; i > 0; i--) {
            char next = waiting.charAt(i + 1);
            if (waiting.charAt(i) == ' ' && Character.isLetterOrDigit(waiting.charAt(i - 1))
                    && Character.isLetterOrDigit(next) && next != 'n') {
                return i;
            }
        }
        return 0;
    }
}
