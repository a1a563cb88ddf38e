/** Optimizers and the schedules of their learning rate. */
package org.jformers.optim;
