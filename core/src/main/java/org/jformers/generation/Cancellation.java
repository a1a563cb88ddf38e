package org.jformers.generation;

/**
 * Ends a generation from outside: from another thread, or from whoever hears its text. It takes effect before the
 * next token; the text until then is the result, complete as one that a rule has ended. May serve several
 * generations, and threads.
 *
 * <pre>{@code
 * Cancellation cancellation = new Cancellation();
 * gpt2.stream("A volcano is", settings, Controls.NONE.withRule(cancellation), System.out::print);
 * // elsewhere
 * cancellation.cancel();
 * }</pre>
 */
public final class Cancellation implements StoppingRule {
    private volatile boolean cancelled;

    /** Ends the generations that have it among their rules. */
    public void cancel() {
        cancelled = true;
    }

    /** Whether it was cancelled. */
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public boolean stops(long[] ids, int promptLength) {
        return cancelled;
    }

    @Override
    public boolean over() {
        return cancelled;
    }
}
