/** Attention: who looks at whom by the masks, with how many heads, and how keys and values are kept. */
@NullMarked
package org.jformers.nn.attention;

import org.jspecify.annotations.NullMarked;
