/** The training loop, what listens to it, and checkpoints to resume from. */
package org.jformers.training;
