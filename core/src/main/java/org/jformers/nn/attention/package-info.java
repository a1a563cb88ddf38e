/** Attention: who looks at whom by the masks, with how many heads, and how keys and values are kept. */
package org.jformers.nn.attention;
