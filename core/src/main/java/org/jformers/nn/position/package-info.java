/** How a model knows where a token stands: learned and sinusoidal tables, rotations, biases by distance. */
@NullMarked
package org.jformers.nn.position;

import org.jspecify.annotations.NullMarked;
