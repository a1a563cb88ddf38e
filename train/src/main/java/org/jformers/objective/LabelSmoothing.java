package org.jformers.objective;

import org.jformers.JformersException;

/**
 * A share of each label's probability that other classes get while training (arXiv:1512.00567, 7). Two definitions are
 * in use, which differ by who gets a share.
 *
 * @param share epsilon, in [0, 1)
 * @param over who gets it
 */
public record LabelSmoothing(double share, Over over) {

    /** Among which classes the share is spread evenly. */
    public enum Over {
        /** All V: the label has 1 - share + share / V, each other class share / V. As PyTorch and transformers do. */
        ALL,
        /** All but the label: it has 1 - share, each other class share / (V - 1). As fairseq and Lingvo do. */
        OTHERS
    }

    public LabelSmoothing {
        if (!(share >= 0 && share < 1)) {
            throw new JformersException("label smoothing: got " + share + ", allowed in [0, 1)");
        }
    }

    /**
     * The share that says the same when it is spread over all classes.
     *
     * @param classes V, at least 2
     * @throws JformersException if the label would get less than each other class
     */
    public double overAll(long classes) {
        double share = over == Over.ALL ? this.share : this.share * classes / (classes - 1);
        if (classes < 2 || share > 1) {
            throw new JformersException("label smoothing: got " + this.share + " over " + classes
                    + " classes, allowed up to (V - 1) / V for two classes or more");
        }
        return share;
    }
}
