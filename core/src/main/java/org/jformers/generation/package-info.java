/**
 * Continuing texts: {@link org.jformers.generation.Generator} asks the model for the scores of the next token, {@link
 * org.jformers.generation.LogitsProcessor}s change them, a {@link org.jformers.generation.Sampler} chooses.
 */
@NullMarked
package org.jformers.generation;

import org.jspecify.annotations.NullMarked;
