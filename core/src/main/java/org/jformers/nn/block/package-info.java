/** Blocks: a norm, attention and a feed-forward around the residual stream, in the orders that families have. */
package org.jformers.nn.block;
