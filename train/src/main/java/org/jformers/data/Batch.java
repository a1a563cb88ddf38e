package org.jformers.data;

import java.util.Map;

/**
 * One batch of examples as plain Java arrays, named as model inputs are: {@code input_ids}, {@code attention_mask},
 * {@code decoder_input_ids}, {@code labels} ... Made on data threads; becomes tensors only in the training loop, so
 * that no native memory changes hands.
 *
 * @param fields the arrays by name, in a fixed order
 * @param examples number of examples
 * @param tokens number of tokens that carry a loss (labels that are not -100): the weight of this batch
 * @param position where the stream stands after this batch: batches delivered since its start
 */
public record Batch(Map<String, Field> fields, int examples, long tokens, long position) {
    /** The label of a place that carries no loss. */
    public static final long IGNORED_LABEL = -100;

    /**
     * A rectangular array of integers.
     *
     * @param values row-major values
     * @param shape sizes of the dimensions; their product is the number of values
     */
    public record Field(long[] values, long... shape) {}

    /** The field of that name; throws {@link DataException} naming those there are. */
    public Field field(String name) {
        Field field = fields.get(name);
        if (field == null) {
            throw new DataException("batch: no field " + name + ", allowed: " + fields.keySet());
        }
        return field;
    }
}
