package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts with {@link Noise} for an encoder-decoder, which learns to undo it. The noise follows from the draw of the
 * epoch: another one in each, the same in every evaluation. Texts that are longer than a row go on in further rows.
 *
 * <p>A batch has the fields of {@link SequencePairs}: the noised text with what stands around a text of the model, and
 * what is to be written, with the end behind it.
 */
public final class NoisedTexts implements BatchedExamples {
    private final TokenSequences rows;
    private final Noise noise;
    private final Frame frame;
    private final int rowsPerBatch;

    /**
     * What stands around a text.
     *
     * @param before tokens before what is read
     * @param after tokens behind it
     * @param end behind what is written
     * @param pad fills up
     * @param decoderStart before what is written
     */
    public record Frame(List<Integer> before, List<Integer> after, int end, int pad, int decoderStart) {
        public Frame {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    /**
     * @param texts ids of the texts, without tokens around them
     * @param maxLength tokens of a row at most, >= 2
     * @param rowsPerBatch rows of a batch, >= 1
     */
    public NoisedTexts(TokenSequences texts, Noise noise, Frame frame, int maxLength, int rowsPerBatch) {
        if (maxLength < 2 || rowsPerBatch < 1) {
            throw new DataException("noised texts: got rows of " + maxLength + " tokens, " + rowsPerBatch
                    + " rows per batch, allowed >= 2, >= 1");
        }
        List<int[]> pieces = IntStream.range(0, texts.size()).boxed()
                .flatMap(i -> IntStream.iterate(0, from -> from < texts.length(i), from -> from + maxLength)
                        .mapToObj(from -> Arrays.copyOfRange(
                                texts.get(i), from, Math.min(texts.length(i), from + maxLength))))
                .toList();
        if (pieces.isEmpty()) {
            throw new DataException("noised texts: got no tokens in " + texts.size() + " texts, allowed one or more");
        }
        rows = TokenSequences.of(pieces, piece -> piece);
        this.noise = noise;
        this.frame = frame;
        this.rowsPerBatch = rowsPerBatch;
    }

    /** Number of rows. */
    public int size() {
        return rows.size();
    }

    /** Number of tokens of row {@code i}, before the noise. */
    public int length(int i) {
        return rows.length(i);
    }

    /** A row as it is read and written, without what stands around it. */
    public SequencePair pair(int row, Draw draw) {
        return noise.apply(rows.get(row), new Dice(draw, row));
    }

    /** Rows are shuffled, cut into batches of like length by hundreds, and the batches shuffled. */
    @Override
    public EpochPlan epoch(long seed, int epoch) {
        SplitMix64 random = new SplitMix64(seed, epoch);
        int[] order = IntStream.range(0, rows.size()).toArray();
        random.shuffle(order);
        int pool = 100 * rowsPerBatch;
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += pool) {
            batches.addAll(batches(Arrays.copyOfRange(order, from, Math.min(order.length, from + pool))));
        }
        int[] places = IntStream.range(0, batches.size()).toArray();
        random.shuffle(places);
        return plan(Arrays.stream(places).mapToObj(batches::get).toList());
    }

    @Override
    public EpochPlan evaluation() {
        return plan(batches(IntStream.range(0, rows.size()).toArray()));
    }

    private List<int[]> batches(int[] some) {
        int[] sorted = Arrays.stream(some).boxed()
                .sorted(Comparator.comparingInt(rows::length))
                .mapToInt(Integer::intValue)
                .toArray();
        return IntStream.iterate(0, from -> from < sorted.length, from -> from + rowsPerBatch)
                .mapToObj(from -> Arrays.copyOfRange(sorted, from, Math.min(sorted.length, from + rowsPerBatch)))
                .toList();
    }

    /** By the lengths before the noise, which are about those behind it. */
    private EpochPlan plan(List<int[]> batches) {
        long tokens = 0;
        long cells = 0;
        for (int[] batch : batches) {
            tokens += Arrays.stream(batch).mapToLong(rows::length).sum();
            cells += (long) batch.length * Arrays.stream(batch).map(rows::length).max().orElse(0);
        }
        return new EpochPlan(batches.toArray(int[][]::new), tokens, cells);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        List<SequencePair> pairs = Arrays.stream(examples).mapToObj(row -> framed(pair(row, draw))).toList();
        PairBatching all = new PairBatching(
                Integer.MAX_VALUE, pairs.size(), Short.MAX_VALUE - 1, Short.MAX_VALUE - 1, pairs.size());
        return SequencePairs.of(pairs, frame.pad(), frame.decoderStart(), all)
                .collate(IntStream.range(0, pairs.size()).toArray(), draw, position);
    }

    private SequencePair framed(SequencePair pair) {
        IntStream source = IntStream.concat(
                IntStream.concat(ids(frame.before()), Arrays.stream(pair.source())), ids(frame.after()));
        return new SequencePair(source.toArray(),
                IntStream.concat(Arrays.stream(pair.target()), IntStream.of(frame.end())).toArray());
    }

    private static IntStream ids(List<Integer> tokens) {
        return tokens.stream().mapToInt(Integer::intValue);
    }
}
