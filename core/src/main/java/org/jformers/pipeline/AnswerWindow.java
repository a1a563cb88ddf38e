package org.jformers.pipeline;

import java.util.Optional;
import org.jformers.text.tokenizer.Encoding;

/**
 * A question with a context, or with a part of it, as the row that a model reads.
 *
 * @param row all tokens
 * @param from the first token of the context
 * @param to behind the last one
 * @param none the token at which an answer that is not there begins and ends: the class token, or else the first one
 */
public record AnswerWindow(Encoding row, int from, int to, int none) {

    /** Tokens, both included. */
    public record Span(int first, int last) {}

    /**
     * The tokens of a stretch of the context, which begins and ends in code points; empty if it is not wholly in the
     * window. The reference's scripts let an answer that begins with the last token of the context begin at the last
     * token of the row.
     */
    public Optional<Span> find(int start, int end) {
        if (from == to || row.starts()[from] > start || row.ends()[to - 1] < end) {
            return Optional.empty();
        }
        int first = to - 1;
        while (row.starts()[first] > start) {
            first--;
        }
        int last = from;
        while (row.ends()[last] < end) {
            last++;
        }
        return Optional.of(new Span(first, last));
    }
}
