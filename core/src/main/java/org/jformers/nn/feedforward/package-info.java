/** Feed-forwards: two products with an activation between them, gated ones, and mixtures of experts. */
@NullMarked
package org.jformers.nn.feedforward;

import org.jspecify.annotations.NullMarked;
