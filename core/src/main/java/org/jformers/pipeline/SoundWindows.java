package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.JformersException;

/**
 * How a long sound is read in windows that overlap, so that what is cut at an edge is whole in a neighbour.
 *
 * <p>Reference: transformers 5.18, {@code chunk_iter} of {@code pipelines/automatic_speech_recognition.py}.
 *
 * @param seconds length of a window
 * @param left seconds at its beginning that are not used but of the first one
 * @param right seconds at its end that are not used but of the last one
 */
public record SoundWindows(double seconds, double left, double right) {
    public SoundWindows {
        if (!(seconds > 0 && left >= 0 && right >= 0 && Double.isFinite(seconds + left + right))) {
            throw new JformersException("speech recognition: got windows of " + seconds + " s with strides of " + left
                    + " s and " + right + " s, allowed windows above 0 and strides from 0 on");
        }
    }

    /** Windows of which a sixth at each end is not used. */
    public static SoundWindows of(double seconds) {
        return new SoundWindows(seconds, seconds / 6, seconds / 6);
    }

    /**
     * One window.
     *
     * @param samples what is in it
     * @param left samples at its beginning that are not used
     * @param right samples at its end that are not used
     */
    record Window(float[] samples, int left, int right) {}

    /**
     * Cuts a sound.
     *
     * @param multiple of which lengths are one, so that frames do not stand across an edge
     */
    List<Window> cut(float[] samples, int rate, int multiple) {
        int length = rounded(seconds, rate, multiple);
        int before = rounded(left, rate, multiple);
        int behind = rounded(right, rate, multiple);
        int step = length - before - behind;
        if (step < 1) {
            throw new JformersException("speech recognition: got windows of " + length + " samples with strides of "
                    + before + " and " + behind + ", allowed strides that leave something");
        }
        List<Window> windows = new ArrayList<>();
        for (int start = 0; start < samples.length; start += step) {
            boolean last = (long) start + length >= samples.length;
            int end = last ? samples.length : start + length;
            int skipped = start == 0 ? 0 : before;
            if (end - start > skipped) {
                windows.add(new Window(Arrays.copyOfRange(samples, start, end), skipped, last ? 0 : behind));
            }
            if (last) {
                break;
            }
        }
        return windows;
    }

    private static int rounded(double seconds, int rate, int multiple) {
        double samples = Math.rint(seconds * rate / multiple) * multiple;
        if (samples > Integer.MAX_VALUE / 2) {
            throw new JformersException("speech recognition: got " + seconds + " s, allowed at most "
                    + Integer.MAX_VALUE / 2 / rate);
        }
        return (int) samples;
    }
}
