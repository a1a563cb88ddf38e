/** Norms over the width of a vector. */
@NullMarked
package org.jformers.nn.norm;

import org.jspecify.annotations.NullMarked;
