package org.jformers.checkpoint;

import java.util.Collection;
import java.util.List;

/**
 * What may differ between a checkpoint and the model that is to get its weights. A parameter without weights is a
 * random one, and so is all that is computed with it; so none is let pass that is not named.
 *
 * <p>Names are those of the model's parameters, such as {@code head}, or those of the tensors in checkpoints, such as
 * {@code classifier.weight}.
 *
 * @param unexpected what is done about stored tensors that the model has no use for
 * @param missing parameters that may start at random where the checkpoint has no weights for them
 * @param replaced parameters that may start at random where the checkpoint's weights have another shape or type
 */
public record LoadMode(Unexpected unexpected, TensorNames missing, TensorNames replaced) {
    /** What is done about stored tensors that the model has no use for. */
    public enum Unexpected {
        REFUSED,
        REPORTED
    }

    private static final TensorNames HEAD = new TensorNames(List.of("head"));

    /** Nothing may differ. */
    public static final LoadMode STRICT = new LoadMode(Unexpected.REFUSED, TensorNames.NONE, TensorNames.NONE);

    /** The checkpoint may hold more than the model needs, such as a head that it does not have; never less. */
    public static final LoadMode DEFAULT = new LoadMode(Unexpected.REPORTED, TensorNames.NONE, TensorNames.NONE);

    /** For training a new head: what the checkpoint lacks of it starts at random; all else must be there. */
    public static final LoadMode NEW_HEAD = new LoadMode(Unexpected.REPORTED, HEAD, TensorNames.NONE);

    /** The same where the checkpoint may have a head of another size, which is not used. */
    public static final LoadMode REPLACED_HEAD = new LoadMode(Unexpected.REPORTED, HEAD, HEAD);

    /** The same with more names that may be missing; see {@link TensorNames}. */
    public LoadMode allowingMissing(Collection<String> patterns) {
        return new LoadMode(unexpected, missing.and(patterns), replaced);
    }

    /** Whether nothing may differ, however the checkpoint or the configuration came by it. */
    public boolean isStrict() {
        return unexpected == Unexpected.REFUSED;
    }
}
