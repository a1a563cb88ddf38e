/**
 * The element types of GGUF files: what the bytes of a block say, and how numbers become one. Plain Java over arrays,
 * so that whoever wants numbers, or the blocks as they are, reads the same description.
 */
@NullMarked
package org.jformers.checkpoint.gguf;

import org.jspecify.annotations.NullMarked;
