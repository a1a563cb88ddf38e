package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Recordings with what is said in them, whose place in time nobody knows. Waveforms are read when a batch is made, on
 * the threads that make batches. Immutable.
 *
 * <p>An epoch has every recording once, in random order; those of one batch are about as long: {@value #POOL} batches
 * are sorted together. A batch has the fields of its {@link Waveforms} and {@code labels} [B, L], filled with {@link
 * Batch#IGNORED_LABEL}; its rows are what is counted.
 */
public final class TranscribedSounds implements BatchedExamples {
    private static final int POOL = 50;

    private final int[] lengths;
    private final int[][] labels;
    private final Waveforms waveforms;
    private final int rowsPerBatch;

    /** Where waveforms come from. */
    @FunctionalInterface
    public interface Waveforms {
        /** What a model reads of recordings, by the names of its inputs, rows filled to one length; on any thread. */
        Map<String, Batch.Field> fields(int[] examples);
    }

    private TranscribedSounds(int[] lengths, int[][] labels, Waveforms waveforms, int rowsPerBatch) {
        this.lengths = lengths;
        this.labels = labels;
        this.waveforms = waveforms;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Recordings.
     *
     * @param lengths samples of each
     * @param labels tokens of each, at least one
     * @param rowsPerBatch recordings of a batch
     */
    public static TranscribedSounds of(int[] lengths, int[][] labels, Waveforms waveforms, int rowsPerBatch) {
        if (lengths.length == 0 || lengths.length != labels.length || rowsPerBatch < 1) {
            throw new DataException("transcribed sounds: got " + lengths.length + " sounds and " + labels.length
                    + " texts in batches of " + rowsPerBatch
                    + ", allowed as many of both, one or more, in batches of one or more");
        }
        return new TranscribedSounds(lengths.clone(), labels.clone(), waveforms, rowsPerBatch);
    }

    /** The same in batches of another size. */
    public TranscribedSounds inBatchesOf(int rows) {
        return of(lengths, labels, waveforms, rows);
    }

    /** Number of recordings. */
    public int size() {
        return lengths.length;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        int[] order = EpochPlan.shuffled(lengths.length, seed, epoch);
        int pool = Math.multiplyExact(POOL, rowsPerBatch);
        for (int from = 0; from < order.length; from += pool) {
            int to = Math.min(order.length, from + pool);
            int[] sorted = byLength(Arrays.copyOfRange(order, from, to));
            System.arraycopy(sorted, 0, order, from, sorted.length);
        }
        int[][] batches = EpochPlan.batches(order, rowsPerBatch);
        int[] shuffled = EpochPlan.shuffled(batches.length, seed, epoch);
        return plan(Arrays.stream(shuffled).mapToObj(i -> batches[i]).toArray(int[][]::new));
    }

    @Override
    public EpochPlan evaluation() {
        return plan(EpochPlan.batches(byLength(IntStream.range(0, lengths.length).toArray()), rowsPerBatch));
    }

    private int[] byLength(int[] examples) {
        return Arrays.stream(examples).boxed().sorted((a, b) -> Integer.compare(lengths[a], lengths[b]))
                .mapToInt(Integer::intValue).toArray();
    }

    private EpochPlan plan(int[][] batches) {
        long samples = Arrays.stream(lengths).asLongStream().sum();
        long cells = Arrays.stream(batches).mapToLong(batch ->
                (long) batch.length * Arrays.stream(batch).map(i -> lengths[i]).max().orElse(0)).sum();
        return new EpochPlan(batches, samples, cells);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>(waveforms.fields(examples));
        int longest = Arrays.stream(examples).map(i -> labels[i].length).max().orElse(0);
        long[] filled = new long[Math.multiplyExact(examples.length, longest)];
        Arrays.fill(filled, Batch.IGNORED_LABEL);
        for (int row = 0; row < examples.length; row++) {
            int[] own = labels[examples[row]];
            for (int i = 0; i < own.length; i++) {
                filled[row * longest + i] = own[i];
            }
        }
        fields.put("labels", new Batch.Longs(filled, examples.length, longest));
        return new Batch(fields, examples.length, examples.length, position);
    }
}
