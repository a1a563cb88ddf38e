/** Models changed after they are made: fewer heads, another vocabulary, matrices of low rank added. */
@NullMarked
package org.jformers.model.surgery;

import org.jspecify.annotations.NullMarked;
