package org.jformers.pipeline;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Continuation;
import org.jformers.generation.TokenSteps;
import org.jformers.text.tokenizer.TokenStream;

/**
 * A text piece by piece, in whole characters, as its reader asks for them; the pieces together are the new text. The
 * next token is computed when a piece is asked for and not before, on the thread that asks: a slow reader makes the
 * model wait, and no other thread is at work.
 *
 * <pre>{@code
 * try (TextPieces pieces = gpt2.pieces("A volcano is")) {
 *     for (String piece : pieces) {
 *         System.out.print(piece);
 *     }
 * }
 * }</pre>
 *
 * <p>Owns what the model keeps of the text, until it has ended, failed or is closed. It is read once: every iterator
 * goes on where the others stand. Closing ends it between two tokens, from another thread too.
 */
public final class TextPieces implements Iterable<String>, AutoCloseable {
    private final TokenSteps steps;
    private final TokenStream text;
    private final Cancellation closing;
    private final Function<Continuation, Completion> completion;
    private final Consumer<Completion> end;
    /** What comes next; empty if that is not known yet. */
    private String piece = "";
    private volatile boolean open = true;

    /**
     * @param steps taken over; {@code closing} is among its rules
     * @param text has read the prompt
     * @param completion what the tokens are as text
     * @param end hears the whole when it has ended by itself or by its rules
     */
    TextPieces(
            TokenSteps steps, TokenStream text, Cancellation closing, Function<Continuation, Completion> completion,
            Consumer<Completion> end) {
        this.steps = steps;
        this.text = text;
        this.closing = closing;
        this.completion = completion;
        this.end = end;
    }

    /**
     * The pieces that are still to come. Its methods throw {@link org.jformers.JformersException} if the model is
     * closed meanwhile.
     */
    @Override
    public Iterator<String> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return advance();
            }

            @Override
            public String next() {
                return take();
            }
        };
    }

    private synchronized boolean advance() {
        while (open && piece.isEmpty()) {
            try {
                step();
            } catch (RuntimeException | Error e) {
                free();
                throw e;
            }
        }
        return !piece.isEmpty();
    }

    private void step() {
        OptionalInt token = steps.next();
        piece = token.isPresent() ? text.next(token.getAsInt()) : text.finish();
        if (token.isEmpty()) {
            // Somebody who closes it meanwhile wants no end.
            if (!closing.cancelled()) {
                end.accept(completion());
            }
            free();
        }
    }

    private synchronized String take() {
        if (!advance()) {
            throw new NoSuchElementException("the text has ended");
        }
        String taken = piece;
        piece = "";
        return taken;
    }

    /** The text with its tokens: all of it when the pieces have come to their end, what there is before. */
    public synchronized Completion completion() {
        return completion.apply(steps.continuation());
    }

    /** Whether it may go on. */
    boolean isOpen() {
        return open;
    }

    /**
     * Ends it, at the latest behind the token that is computed now; nothing comes any more but the piece that a reader
     * was told of already.
     */
    @Override
    public void close() {
        closing.cancel();
        synchronized (this) {
            free();
        }
    }

    private void free() {
        open = false;
        steps.close();
    }
}
