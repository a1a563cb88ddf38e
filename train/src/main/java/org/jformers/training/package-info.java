/** The training loop, what listens to it, and checkpoints to resume from. */
@NullMarked
package org.jformers.training;

import org.jspecify.annotations.NullMarked;
