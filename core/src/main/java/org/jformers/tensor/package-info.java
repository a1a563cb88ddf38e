/** The engine's edge: lifetimes, shapes, number formats, random numbers, and tensors from and to Java arrays. */
@NullMarked
package org.jformers.tensor;

import org.jspecify.annotations.NullMarked;
