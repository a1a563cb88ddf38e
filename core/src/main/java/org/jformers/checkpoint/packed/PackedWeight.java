package org.jformers.checkpoint.packed;

import java.util.List;

/** A weight that several stored tensors make up. */
public interface PackedWeight {
    /** Its sizes: [out, in]. */
    List<Long> shape();

    /** The names of the stored tensors that say nothing but what it is. */
    List<String> parts();

    /** Reads what the numbers follow from. */
    Rows open(PackedParts stored);

    /** The numbers of an open weight. */
    @FunctionalInterface
    interface Rows {
        /**
         * Some rows.
         *
         * @param first the first one
         * @param count how many
         * @param into gets them, one after the other, from its beginning
         */
        void read(int first, int count, float[] into);
    }
}
