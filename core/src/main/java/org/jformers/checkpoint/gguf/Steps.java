package org.jformers.checkpoint.gguf;

/** Small whole numbers as float32, by index: a look-up takes a fraction of the time of a conversion. */
final class Steps {
    private Steps() {}

    /** So many whole numbers, from the first one on. */
    static float[] from(int first, int count) {
        float[] steps = new float[count];
        for (int i = 0; i < count; i++) {
            steps[i] = first + i;
        }
        return steps;
    }
}
