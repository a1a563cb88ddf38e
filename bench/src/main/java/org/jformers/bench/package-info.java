/** Measurements of the scripts in {@code bench}: each class is a program whose figures a script prints. */
@NullMarked
package org.jformers.bench;

import org.jspecify.annotations.NullMarked;
