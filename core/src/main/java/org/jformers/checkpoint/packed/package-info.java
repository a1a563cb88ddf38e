/**
 * Quantized weights of model folders: which stored tensors make up a weight, how they are laid out, and the numbers
 * that they stand for. A {@link org.jformers.checkpoint.packed.PackedWeight} names its parts, so that whoever computes
 * with them as they are finds them, too; dequantizing is one use.
 */
@NullMarked
package org.jformers.checkpoint.packed;

import org.jspecify.annotations.NullMarked;
