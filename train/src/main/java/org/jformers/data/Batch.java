package org.jformers.data;

import java.util.Map;

/**
 * One batch of examples as plain Java arrays, named as model inputs are: {@code input_ids}, {@code attention_mask},
 * {@code decoder_input_ids}, {@code labels} ... Made on data threads; becomes tensors only in the training loop, so
 * that no native memory changes hands.
 *
 * @param fields the arrays by name, in a fixed order
 * @param examples number of examples
 * @param labels number of labels that carry a loss (those that are not -100, or one for each row that has a number):
 *     the weight of this batch
 * @param position where the stream stands after this batch: batches delivered since its start
 */
public record Batch(Map<String, Field> fields, int examples, long labels, long position) {
    /** The label of a place that carries no loss. */
    public static final long IGNORED_LABEL = -100;

    /** A rectangular array. */
    public sealed interface Field {
        /** Sizes of the dimensions; their product is the number of values. */
        long[] shape();
    }

    /**
     * Integers.
     *
     * @param values row-major values
     * @param shape sizes of the dimensions
     */
    public record Longs(long[] values, long... shape) implements Field {}

    /**
     * Numbers.
     *
     * @param values row-major values
     * @param shape sizes of the dimensions
     */
    public record Floats(float[] values, long... shape) implements Field {}

    /** The integers of that name; throws {@link DataException} naming those there are. */
    public Longs longs(String name) {
        if (fields.get(name) instanceof Longs longs) {
            return longs;
        }
        throw new DataException("batch: no integers " + name + ", allowed: " + fields.keySet());
    }
}
