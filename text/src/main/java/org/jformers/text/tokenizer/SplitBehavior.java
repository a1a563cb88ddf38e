package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What a split does with the matches of its pattern. */
enum SplitBehavior {
    REMOVED("Removed"),
    ISOLATED("Isolated"),
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    MERGED_WITH_NEXT("MergedWithNext"),
    CONTIGUOUS("Contiguous");

    private final String key;

    SplitBehavior(String key) {
        this.key = key;
    }

    static SplitBehavior of(String key) {
        return Arrays.stream(values())
                .filter(behavior -> behavior.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new TokenizerException("unknown split behavior \"" + key + "\", known: "
                        + Arrays.stream(values()).map(value -> value.key).collect(Collectors.joining(", "))));
    }

    /** Hands the pieces of the text on, in order, without empty ones. */
    void split(Text text, Spans spans, Consumer<Text> out) {
        switch (this) {
            case REMOVED -> {
                for (int i = 0; i < spans.size(); i++) {
                    if (!spans.isMatch(i)) {
                        emit(text, spans.start(i), spans.end(i), out);
                    }
                }
            }
            case ISOLATED -> {
                for (int i = 0; i < spans.size(); i++) {
                    emit(text, spans.start(i), spans.end(i), out);
                }
            }
            case CONTIGUOUS -> emitAll(text, contiguous(spans), out);
            case MERGED_WITH_PREVIOUS -> emitAll(text, mergedWithPrevious(spans), out);
            case MERGED_WITH_NEXT -> emitAll(text, mergedWithNext(spans), out);
        }
    }

    private static Spans contiguous(Spans spans) {
        Spans merged = new Spans();
        boolean previous = false;
        for (int i = 0; i < spans.size(); i++) {
            if (spans.isMatch(i) == previous && merged.size() > 0) {
                merged.endAt(merged.size() - 1, spans.end(i));
            } else {
                merged.add(spans.start(i), spans.end(i), false);
            }
            previous = spans.isMatch(i);
        }
        return merged;
    }

    private static Spans mergedWithPrevious(Spans spans) {
        Spans merged = new Spans();
        boolean previous = false;
        for (int i = 0; i < spans.size(); i++) {
            if (spans.isMatch(i) && !previous && merged.size() > 0) {
                merged.endAt(merged.size() - 1, spans.end(i));
            } else {
                merged.add(spans.start(i), spans.end(i), false);
            }
            previous = spans.isMatch(i);
        }
        return merged;
    }

    private static Spans mergedWithNext(Spans spans) {
        List<int[]> reversed = new ArrayList<>();
        boolean previous = false;
        for (int i = spans.size() - 1; i >= 0; i--) {
            if (spans.isMatch(i) && !previous && !reversed.isEmpty()) {
                reversed.get(reversed.size() - 1)[0] = spans.start(i);
            } else {
                reversed.add(new int[] {spans.start(i), spans.end(i)});
            }
            previous = spans.isMatch(i);
        }
        Collections.reverse(reversed);
        Spans merged = new Spans();
        reversed.forEach(span -> merged.add(span[0], span[1], false));
        return merged;
    }

    private static void emitAll(Text text, Spans spans, Consumer<Text> out) {
        for (int i = 0; i < spans.size(); i++) {
            emit(text, spans.start(i), spans.end(i), out);
        }
    }

    private static void emit(Text text, int start, int end, Consumer<Text> out) {
        if (start < end) {
            out.accept(text.slice(start, end));
        }
    }
}
