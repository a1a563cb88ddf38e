package org.jformers.model;

import org.jformers.model.head.Head;
import org.jformers.nn.Initialization;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.Stack;

/** A model as data: it prints, compares and stores; a {@link Model} is built from it. */
public sealed interface ModelSpec {

    /** How parameters start that no checkpoint fills. */
    Initialization initialization();

    /**
     * One stack and a head.
     *
     * @param body the stack
     * @param head what stands on it
     * @param initialization how parameters start
     */
    record SingleStack(Stack.Spec body, Head.Spec head, Initialization initialization) implements ModelSpec {}

    /**
     * An encoder, a decoder, and the shared token table as output layer.
     *
     * @param body the two stacks
     * @param labelSmoothing share of the target probability spread over all tokens, in [0, 1)
     * @param initialization how parameters start
     */
    record Seq2Seq(EncoderDecoder.Spec body, double labelSmoothing, Initialization initialization)
            implements ModelSpec {}
}
