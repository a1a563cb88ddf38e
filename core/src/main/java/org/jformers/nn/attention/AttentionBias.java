package org.jformers.nn.attention;

/**
 * Which maps of an attention add a constant.
 *
 * @param input which of those to q, k and v
 * @param output whether the one behind the heads does
 */
public record AttentionBias(InputBias input, boolean output) {
    /** All, as in the original Transformer. */
    public static final AttentionBias ALL = new AttentionBias(InputBias.ALL, true);
    /** None. */
    public static final AttentionBias NONE = new AttentionBias(InputBias.NONE, false);

    /** All or none. */
    public static AttentionBias everywhere(boolean there) {
        return there ? ALL : NONE;
    }
}
