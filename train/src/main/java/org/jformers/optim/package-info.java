/** Optimizers and the schedules of their learning rate. */
@NullMarked
package org.jformers.optim;

import org.jspecify.annotations.NullMarked;
