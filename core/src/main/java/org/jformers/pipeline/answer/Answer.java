package org.jformers.pipeline.answer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Continuation;
import org.jformers.generation.TokenListener;
import org.jformers.generation.TokenScore;
import org.jformers.text.tokenizer.TokenStream;

/** One answer in the making: its tokens become text, up to a stop text, on the thread of the engine. */
public final class Answer implements TokenListener {
    private final int index;
    private final List<Integer> ends;
    private final TokenStream stream;
    private final StopText text;
    private final Cancellation cancellation;
    private final Consumer<Piece> hears;
    private final Deque<Placed> scores = new ArrayDeque<>();
    /** Characters that came from tokens, and that were told. */
    private long come;
    private long told;
    private int tokens;
    private int recalled;

    /** A score, and where its token's text begins. */
    private record Placed(long start, TokenScore score) {}

    /** Why an answer has ended. */
    public enum Reason { STOP, LENGTH }

    /**
     * A part of an answer.
     *
     * @param index of the answer, from 0 on
     * @param scores of the tokens whose text begins in it
     * @param end set in the last part
     */
    public record Piece(int index, String text, List<TokenScore> scores, Optional<End> end) {}

    /**
     * The end of an answer.
     *
     * @param tokens new ones
     * @param recalled tokens of the prompt that were not read again, for others had read them
     */
    public record End(Reason reason, int tokens, int recalled) {}

    /**
     * @param ends tokens that end a text and are no part of it
     * @param stream has read the prompt
     * @param cancellation ends the answer when a stop text has come
     */
    Answer(
            int index, List<Integer> ends, TokenStream stream, List<String> stops, Cancellation cancellation,
            Consumer<Piece> hears) {
        this.index = index;
        this.ends = ends;
        this.stream = stream;
        text = new StopText(stops);
        this.cancellation = cancellation;
        this.hears = hears;
    }

    @Override
    public void token(int id) {
        take(id, Optional.empty());
    }

    @Override
    public void scored(TokenScore score) {
        take(score.id(), Optional.of(score));
    }

    @Override
    public void recalled(int count) {
        recalled = count;
    }

    private void take(int id, Optional<TokenScore> score) {
        if (text.stopped()) {
            return; // chosen before the end took effect
        }
        tokens++;
        if (ends.contains(id)) {
            return;
        }
        score.ifPresent(known -> scores.add(new Placed(come, known)));
        String piece = stream.next(id);
        come += piece.length();
        tell(text.take(piece));
        if (text.stopped()) {
            cancellation.cancel();
        }
    }

    private void tell(String piece) {
        if (!piece.isEmpty()) {
            told += piece.length();
            hears.accept(new Piece(index, piece, scoresTold(), Optional.empty()));
        }
    }

    private List<TokenScore> scoresTold() {
        List<TokenScore> begun = new ArrayList<>();
        while (!scores.isEmpty() && scores.element().start() < told) {
            begun.add(scores.remove().score());
        }
        return begun;
    }

    /** Its last part. */
    Piece end(Continuation whole) {
        String rest = text.take(stream.finish()) + text.rest();
        told += rest.length();
        List<TokenScore> last = scoresTold();
        if (!text.stopped()) {
            scores.forEach(placed -> last.add(placed.score())); // tokens without text
        }
        Reason reason = text.stopped() || whole.complete() ? Reason.STOP : Reason.LENGTH;
        return new Piece(index, rest, last, Optional.of(new End(reason, tokens, recalled)));
    }
}
