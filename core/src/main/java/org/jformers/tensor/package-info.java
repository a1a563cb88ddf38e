/** The engine's edge: lifetimes, shapes, number formats, random numbers, and tensors from and to Java arrays. */
package org.jformers.tensor;
