package org.jformers.pipeline;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A part of what was said.
 *
 * @param text the part
 * @param start when it begins, in seconds; empty where no times are asked for, or the model wrote none
 * @param end when it ends
 * @param language the English name of its language; empty where it is not asked for, or the model wrote none
 */
public record TimedText(String text, OptionalDouble start, OptionalDouble end, Optional<String> language) {}
