package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A matrix as whole numbers: {@code w[o, i] = scale[o, g] (number[o, i] - zero[o, g])}, g the group of i.
 *
 * @param number [O, I]: of 8 bits int8, of 4 bits uint8 from 0 to 15
 * @param scale [O, G], float32 or bfloat16; G = 1 where all inputs are one group
 * @param zero [O, G], uint8 from 0 to 15; empty for 0
 */
public record WholeNumbers(Tensor number, Tensor scale, Optional<Tensor> zero) {}
