package org.jformers.pipeline;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jformers.JformersException;
import org.jformers.text.tokenizer.SpokenLanguages;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Makes a text of the tokens that Whisper writes for the windows of a recording, one after the other: languages, times
 * and text. What a time ends is a chunk, unless it stands in the stride of a window, where the next window tells it
 * again. Used by one thread.
 *
 * <p>Reference: transformers 5.18, {@code _decode_asr} of {@code models/whisper/tokenization_whisper.py}.
 */
final class WhisperTranscript {
    /** Tokens of time in a pass whose end is not told; the reference's number whatever the model. */
    private static final int PASS = 1500;

    private final Tokenizer tokenizer;
    private final double step;
    private final boolean timed;
    private final int firstTime;

    private final List<TimedText> chunks = new ArrayList<>();
    /** Tokens of the chunk that is open, by window. */
    private List<int[]> open = new ArrayList<>();
    private OptionalDouble start = OptionalDouble.empty();
    private OptionalDouble end = OptionalDouble.empty();
    private Optional<String> chunkLanguage = Optional.empty();
    private Optional<String> language = Optional.empty();
    private boolean skips;
    private double offset;

    /**
     * @param step seconds from one token of time to the next
     * @param timed whether times are asked for
     */
    WhisperTranscript(Tokenizer tokenizer, double step, boolean timed) {
        this.tokenizer = tokenizer;
        this.step = step;
        this.timed = timed;
        firstTime = 1 + tokenizer.id("<|notimestamps|>").orElseThrow(() -> new JformersException(
                AutomaticSpeechRecognition.NAME + ": got a tokenizer without <|notimestamps|>, allowed Whisper's"));
    }

    /**
     * How a window lies in the recording.
     *
     * @param seconds its length
     * @param left seconds at its beginning that the window before tells too
     * @param right seconds at its end that the window behind tells too
     */
    record Place(double seconds, double left, double right) {}

    /** Where the times of a window are within the recording. A window may hold several passes. */
    private final class Clock {
        private double latest;
        private double earlier;
        private double before;

        double seconds(int[] ids, int i) {
            double time = (ids[i] - firstTime) * step;
            if (time < latest) {
                boolean single = i >= 2 && !(ids[i - 1] >= firstTime && ids[i - 2] >= firstTime);
                if (single) {
                    before += step * PASS;
                } else {
                    latest = earlier;
                    before += earlier;
                }
            }
            earlier = latest;
            latest = time;
            return new BigDecimal(time + offset + before)
                    .setScale(2, RoundingMode.HALF_EVEN).doubleValue();
        }
    }

    /** Takes the tokens of the next window; without a place it is the only one. */
    void add(int[] written, Optional<Place> place) {
        int[] ids = withoutEarlierText(written);
        offset -= place.map(Place::left).orElse(0.0);
        double firstOwn = place.filter(in -> in.left() != 0).map(in -> in.left() / step + firstTime)
                .orElse((double) firstTime);
        int lastOwn = place.filter(in -> in.right() != 0).map(in -> firstBehind(ids, in.seconds() - in.right()))
                .orElse(Integer.MAX_VALUE);
        Clock clock = new Clock();
        List<Integer> text = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            if (tokenizer.isSpecial(ids[i])) {
                text = told(ids[i], text);
            } else if (ids[i] < firstTime) {
                text.add(ids[i]);
            } else {
                double seconds = clock.seconds(ids, i);
                if (ids[i] >= lastOwn) {
                    skips = true; // and the next one, for they come in pairs
                } else if (skips || !open.isEmpty() && ids[i] < firstOwn) {
                    skips = false;
                } else {
                    text = at(seconds, text);
                }
            }
        }
        offset += place.map(in -> in.seconds() - in.right()).orElse(0.0);
        if (!text.isEmpty()) {
            open.add(array(text));
        } else if (open.stream().allMatch(tokens -> tokens.length == 0)) {
            renew();
        }
    }

    /** The token of time from which on those of a window are told again: all behind its end, and the last before. */
    private int firstBehind(int[] ids, double end) {
        int found = Integer.MAX_VALUE;
        for (int i = ids.length - 1; i >= 0; i--) {
            if (ids[i] >= firstTime) {
                if (found != Integer.MAX_VALUE && (ids[i] - firstTime) * step < end) {
                    break;
                }
                found = ids[i];
            }
        }
        return found;
    }

    /** A special token: a language, or nothing. */
    private List<Integer> told(int id, List<Integer> text) {
        String token = tokenizer.decodeWithSpecialTokens(new int[] {id});
        Optional<String> name = token.length() < 4
                ? Optional.empty()
                : SpokenLanguages.name(token.substring(2, token.length() - 2));
        if (name.isEmpty()) {
            return text;
        }
        List<Integer> rest = text;
        if (language.isPresent() && !language.equals(name) && !timed) {
            open.add(array(text));
            close();
            rest = new ArrayList<>();
        }
        chunkLanguage = name;
        language = name;
        return rest;
    }

    /** A time: the beginning of a chunk, or its end. */
    private List<Integer> at(double seconds, List<Integer> text) {
        if (start.isEmpty()) {
            start = OptionalDouble.of(seconds);
        } else if (start.getAsDouble() != seconds) {
            end = OptionalDouble.of(seconds);
            open.add(array(text));
            close();
            return new ArrayList<>();
        }
        return text;
    }

    private void close() {
        String text = tokenizer.decodeWithSpecialTokens(SharedTokens.joined(open));
        chunks.add(new TimedText(text, start, end, chunkLanguage));
        renew();
    }

    private void renew() {
        open = new ArrayList<>();
        start = OptionalDouble.empty();
        end = OptionalDouble.empty();
        chunkLanguage = language;
    }

    private int[] withoutEarlierText(int[] ids) {
        int earlier = tokenizer.id("<|startofprev|>").orElse(-1);
        if (ids.length == 0 || ids[0] != earlier) {
            return ids;
        }
        int begin = tokenizer.id("<|startoftranscript|>").orElse(-1);
        int from = 0;
        while (from < ids.length && ids[from] != begin) {
            from++;
        }
        return Arrays.copyOfRange(ids, from, ids.length);
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** All chunks. */
    List<TimedText> chunks() {
        if (!open.isEmpty()) {
            close();
        }
        return List.copyOf(chunks);
    }
}
