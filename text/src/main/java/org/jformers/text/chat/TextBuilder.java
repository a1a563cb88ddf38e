package org.jformers.text.chat;

import java.util.BitSet;

/** Collects text, remembers which of its characters stem from data, and pays for them. */
final class TextBuilder {
    private final Meter meter;
    private final StringBuilder text = new StringBuilder();
    private final BitSet data = new BitSet();

    TextBuilder(Meter meter) {
        this.meter = meter;
    }

    Meter meter() {
        return meter;
    }

    int length() {
        return text.length();
    }

    /** Appends text of the template. */
    TextBuilder append(String string) {
        reserve(string.length());
        text.append(string);
        return this;
    }

    /** Appends text that stems from data. */
    TextBuilder appendData(String string) {
        append(string);
        data.set(text.length() - string.length(), text.length());
        return this;
    }

    TextBuilder append(Str string) {
        int start = text.length();
        append(string.string());
        string.markOn(data, start);
        return this;
    }

    TextBuilder append(Str string, int from, int to) {
        return from == to ? this : append(string.slice(from, to));
    }

    /** Appends a string with the origin of a character of another. */
    TextBuilder appendAs(String string, Str origin, int at) {
        return origin.isData(at) ? appendData(string) : append(string);
    }

    TextBuilder repeat(Str string, long times) {
        if (times > 0) {
            reserve(string.string().length() * times);
            meter.spend(times);
            for (long i = 0; i < times && !string.string().isEmpty(); i++) {
                string.markOn(data, text.length());
                text.append(string.string());
            }
        }
        return this;
    }

    private void reserve(long characters) {
        meter.room(text.length() + characters);
        meter.spend(characters);
    }

    Str build() {
        meter.spendValue();
        return Str.of(text.toString(), data);
    }
}
