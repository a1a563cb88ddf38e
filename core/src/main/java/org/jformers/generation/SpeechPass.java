package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one pass over a part of a recording wrote. Two times in a row end a stretch; what is behind the last such pair
 * may be cut in its middle and is left to the next pass, unless a time ends it. Source: arXiv:2212.04356, 3.8;
 * transformers 5.18, {@code WhisperGenerationMixin}.
 *
 * @param stretches tokens of each stretch
 * @param frames how many frames it has dealt with
 */
record SpeechPass(List<int[]> stretches, long frames) {
    /** Frames of features for each token of time. */
    private static final int FRAMES_PER_TIME = 2;

    /**
     * Takes the tokens of a pass apart.
     *
     * @param ids without the end token
     * @param first the token of 0 seconds
     * @param frames the frames that there were
     */
    static SpeechPass of(int[] ids, int first, long frames) {
        List<int[]> stretches = new ArrayList<>();
        int last = 0;
        for (int i = 1; i < ids.length; i++) {
            if (ids[i - 1] >= first && ids[i] >= first) {
                stretches.add(Arrays.copyOfRange(ids, last, i));
                last = i;
            }
        }
        if (stretches.isEmpty()) {
            return new SpeechPass(List.of(ids), frames);
        }
        boolean ended = ids[ids.length - 1] >= first && ids[ids.length - 2] < first;
        if (ended) {
            stretches.add(Arrays.copyOfRange(ids, last, ids.length));
            return new SpeechPass(stretches, frames);
        }
        // The second time of the pair stays with the last stretch: it tells that this was no single time at an end.
        int[] open = stretches.get(stretches.size() - 1);
        int[] closed = Arrays.copyOf(open, open.length + 1);
        closed[open.length] = ids[last];
        stretches.set(stretches.size() - 1, closed);
        long moved = (long) (ids[last - 1] - first) * FRAMES_PER_TIME;
        // A pass that ends where it began would come again without end.
        return new SpeechPass(stretches, moved > 0 ? moved : frames);
    }
}
