package org.jformers.server;

import java.util.ArrayList;
import java.util.List;
import org.jformers.generation.TokenScore;
import org.jformers.pipeline.answer.Answer;

/** An answer as a whole. */
final class Whole {
    private final StringBuilder text = new StringBuilder();
    private final List<TokenScore> scores = new ArrayList<>();
    private Answer.Reason reason = Answer.Reason.LENGTH;

    void add(Answer.Piece piece) {
        text.append(piece.text());
        scores.addAll(piece.scores());
        piece.end().ifPresent(end -> reason = end.reason());
    }

    String text() {
        return text.toString();
    }

    List<TokenScore> scores() {
        return scores;
    }

    Answer.Reason reason() {
        return reason;
    }
}
