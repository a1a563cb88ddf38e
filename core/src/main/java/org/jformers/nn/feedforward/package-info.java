/** Feed-forwards: two products with an activation between them, gated ones, and mixtures of experts. */
package org.jformers.nn.feedforward;
