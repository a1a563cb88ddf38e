package org.jformers.pipeline;

/**
 * An answer that stands in a context.
 *
 * @param score how probable it is
 * @param start where it begins in the context, in code points
 * @param end where it ends
 * @param answer its text; empty, at 0 to 0, if the context does not answer the question
 */
public record Answer(float score, int start, int end, String answer) {}
