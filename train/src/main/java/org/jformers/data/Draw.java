package org.jformers.data;

/**
 * Random numbers by their place instead of by their turn: what is drawn for an example in an epoch follows from the
 * seed, the epoch, the example and the count within it alone, whichever thread makes the batch, in whatever order, and
 * whether the run was resumed.
 *
 * @param seed the run's seed
 * @param epoch the pass over the examples, from 0
 */
public record Draw(long seed, long epoch) {
    /** For evaluations, which are the same every time. */
    public static final Draw FIXED = new Draw(0, 0);

    /**
     * The number of that place, uniform in [0, 1).
     *
     * @param example number of the example
     * @param count which of the numbers of the example, from 0
     */
    public double uniform(long example, long count) {
        return (bits(example, count) >>> 11) * 0x1.0p-53;
    }

    /** The number of that place, uniform in [0, bound). */
    public int below(int bound, long example, long count) {
        return (int) Math.floorMod(bits(example, count) >>> 1, (long) bound);
    }

    private long bits(long example, long count) {
        long stream = SplitMix64.mix(SplitMix64.mix(seed + SplitMix64.GAMMA) + epoch);
        return SplitMix64.mix(SplitMix64.mix(stream ^ SplitMix64.mix(example + SplitMix64.GAMMA)) + count);
    }
}
