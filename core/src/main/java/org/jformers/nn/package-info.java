/**
 * Modules and the parts of Transformers.
 *
 * <p>Capitals after an underscore name the dimensions of a tensor: B batch, T query length, S key length, C width, N
 * heads, G key/value heads, D head width, E = N * D, F inner width of a feed-forward, V vocabulary.
 */
@NullMarked
package org.jformers.nn;

import org.jspecify.annotations.NullMarked;
