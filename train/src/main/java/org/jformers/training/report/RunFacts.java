package org.jformers.training.report;

import java.util.OptionalDouble;

/**
 * How a run went and on what.
 *
 * @param started when it began, ISO 8601
 * @param seconds wall time of the training
 * @param steps optimizer steps
 * @param labels labels that the model learned from, repetitions counted
 * @param unit what they are of: tokens, rows or words
 * @param parameters trained parameters
 * @param seed of every random number
 * @param precision such as "bfloat16 autocast"
 * @param dataIdleShare share of the time in which the model waited for data, 0 to 1
 * @param machine what it ran on
 */
public record RunFacts(String started, double seconds, long steps, long labels, String unit, long parameters,
        long seed, String precision, double dataIdleShare, Machine machine) {

    /**
     * The machine.
     *
     * @param device such as "CPU" or the name of a GPU
     * @param cores cores in use
     * @param system operating system and architecture
     * @param jdk vendor and version
     * @param software jformers and engine with their versions
     */
    public record Machine(String device, int cores, String system, String jdk, String software) {}

    /**
     * Training cost estimated as 6 N D: each parameter takes part in a multiplication and an addition per token, once
     * forward and twice backward. Source: arXiv:2001.08361, 2.1. Attention's own products are left out, and an
     * encoder-decoder, where a token passes one half only, is overrated. Empty where labels are not of tokens, whose
     * number they do not tell.
     */
    public OptionalDouble flops() {
        return unit.equals("tokens") ? OptionalDouble.of(6.0 * parameters * labels) : OptionalDouble.empty();
    }
}
