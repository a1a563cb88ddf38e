package org.jformers.evaluation.baseline;

/** A distribution over the next token; every token has a probability above 0 and they sum to 1. */
interface NextToken {

    /** Probability of w after u and v, the token right before it being v. */
    double probability(int u, int v, int w);
}
