package org.jformers.text.chat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The state of one rendering. */
final class Run {
    /** Java calls that a body of its own takes, see {@link Meter#DEPTH}. */
    private static final int CALLS = 2;

    private final Meter meter;
    private final LocalDateTime now;
    private final TextBuilder root;
    private final List<Rendering.Span> generated = new ArrayList<>();
    private TextBuilder out;
    private final Scope outermost;
    private Scope scope;
    private boolean lenient;
    private boolean missedSlice;

    Run(Meter meter, LocalDateTime now, Scope scope) {
        this.meter = meter;
        this.now = now;
        this.scope = scope;
        outermost = scope;
        root = new TextBuilder(meter);
        out = root;
    }

    Meter meter() {
        return meter;
    }

    LocalDateTime now() {
        return now;
    }

    TextBuilder out() {
        return out;
    }

    /** Where all text ends up. */
    TextBuilder root() {
        return root;
    }

    /** The scope of the template itself. */
    Scope outermost() {
        return outermost;
    }

    Scope scope() {
        return scope;
    }

    List<Rendering.Span> generated() {
        return generated;
    }

    /** Writes into a text of its own. */
    Str capture(Runnable body) {
        TextBuilder before = out;
        out = new TextBuilder(meter);
        meter.deeper(CALLS);
        body.run();
        meter.higher(CALLS);
        Str text = out.build();
        out = before;
        return text;
    }

    /** Works in another scope. */
    <T> T within(Scope inner, Supplier<T> body) {
        Scope before = scope;
        scope = inner;
        meter.deeper(CALLS);
        T result = body.get();
        meter.higher(CALLS);
        scope = before;
        return result;
    }

    /** Whether slices of what has none are undefined values, and not errors, as {@link Folded} says. */
    boolean isLenient() {
        return lenient;
    }

    /** Evaluates a constant; returns whether a slice was taken of what has none. */
    boolean missesSlice(Runnable evaluation) {
        lenient = true;
        missedSlice = false;
        evaluation.run();
        lenient = false;
        return missedSlice;
    }

    boolean missedSlice() {
        return missedSlice;
    }

    void missSlice(boolean missed) {
        missedSlice = missed;
    }

    /** Writes what the assistant said. Where it begins is counted in the whole text, as the reference does. */
    void generate(Str text) {
        int start = root.length();
        generated.add(new Rendering.Span(start, start + text.string().length()));
        out.append(text);
    }
}
