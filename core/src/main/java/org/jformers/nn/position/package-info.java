/** How a model knows where a token stands: learned and sinusoidal tables, rotations, biases by distance. */
package org.jformers.nn.position;
