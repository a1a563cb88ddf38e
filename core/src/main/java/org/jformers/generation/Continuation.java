package org.jformers.generation;

import java.util.OptionalDouble;

/**
 * What was generated for one prompt.
 *
 * @param ids the new tokens without the prompt (or the start token), without padding; an end token is the last
 * @param score beam search only: log-probability divided by the power of the length
 * @param complete true if an end token or another rule ended it, false if the length limit did
 */
public record Continuation(int[] ids, OptionalDouble score, boolean complete) {}
