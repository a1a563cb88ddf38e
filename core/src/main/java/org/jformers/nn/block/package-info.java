/** Blocks: a norm, attention and a feed-forward around the residual stream, in the orders that families have. */
@NullMarked
package org.jformers.nn.block;

import org.jspecify.annotations.NullMarked;
