package org.jformers.pipeline.answer;

import java.util.List;

/**
 * A text up to the first of several texts. What may be the beginning of one is held back until that is known, so that
 * nothing of it is ever told, however it is cut into pieces.
 */
final class StopText {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    StopText(List<String> stops) {
        this.stops = stops;
    }

    /** Takes what comes next; returns what may be told. */
    String take(String piece) {
        if (stopped) {
            return "";
        }
        held.append(piece);
        int at = first();
        if (at >= 0) {
            stopped = true;
            return held.substring(0, at);
        }
        int tell = held.length() - open();
        String told = held.substring(0, tell);
        held.delete(0, tell);
        return told;
    }

    /** What was held back, at the end of the text. */
    String rest() {
        String rest = stopped ? "" : held.toString();
        held.setLength(0);
        return rest;
    }

    /** Whether one of the texts has come. */
    boolean stopped() {
        return stopped;
    }

    private int first() {
        return stops.stream().mapToInt(held::indexOf).filter(at -> at >= 0).min().orElse(-1);
    }

    /** How many of the last characters may be the beginning of a stop text. */
    private int open() {
        int most = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > most; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    most = length;
                }
            }
        }
        return most;
    }
}
