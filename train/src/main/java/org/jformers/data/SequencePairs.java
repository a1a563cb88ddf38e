package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Examples for an encoder-decoder, batched by length.
 *
 * <p>An epoch: the examples are shuffled, cut into pools, each pool sorted by source and target length and cut into
 * batches within the limits of {@link PairBatching}; then the batches of all pools are shuffled. Every example occurs
 * once per epoch. Examples over the length limits are dropped.
 *
 * <p>A batch has the fields {@code input_ids} [B, S], {@code attention_mask} [B, S] (1 at real tokens), {@code
 * decoder_input_ids} [B, T] (the target behind the token that starts the decoder, its last token left out) and {@code
 * labels} [B, T] (the target; -100 at padding): {@code labels} at t is what follows {@code decoder_input_ids} up to and
 * including t, as in Hugging Face's encoder-decoder models. S and T are the longest of the batch.
 */
public final class SequencePairs implements BatchedExamples {
    private final TokenSequences sources;
    private final TokenSequences targets;
    private final int padId;
    private final int decoderStartId;
    private final PairBatching batching;
    private final int[] kept;

    /**
     * @param sources ids of the sources
     * @param targets ids of the targets, each ending with the end-of-sequence token
     * @param padId fills up {@code input_ids} and {@code decoder_input_ids}
     * @param decoderStartId stands before each target
     */
    public SequencePairs(
            TokenSequences sources, TokenSequences targets, int padId, int decoderStartId, PairBatching batching) {
        if (sources.size() != targets.size()) {
            throw new DataException(
                    "sequence pairs: " + sources.size() + " sources and " + targets.size() + " targets");
        }
        this.sources = sources;
        this.targets = targets;
        this.padId = padId;
        this.decoderStartId = decoderStartId;
        this.batching = batching;
        kept = IntStream.range(0, sources.size())
                .filter(i -> within(sources.length(i), batching.maxSourceLength())
                        && within(targets.length(i), batching.maxTargetLength()))
                .toArray();
        if (kept.length == 0) {
            throw new DataException("sequence pairs: none of " + sources.size() + " has lengths from 1 to "
                    + batching.maxSourceLength() + " (source) and " + batching.maxTargetLength() + " (target)");
        }
    }

    /** Pairs from a list. */
    public static SequencePairs of(
            List<SequencePair> pairs, int padId, int decoderStartId, PairBatching batching) {
        return new SequencePairs(TokenSequences.of(pairs, SequencePair::source),
                TokenSequences.of(pairs, SequencePair::target), padId, decoderStartId, batching);
    }

    private static boolean within(int length, int limit) {
        return length >= 1 && length <= limit;
    }

    /** Number of examples, without the dropped ones. */
    public int size() {
        return kept.length;
    }

    /** Number of examples that were dropped because a side was empty or over its length limit. */
    public int dropped() {
        return sources.size() - kept.length;
    }

    /** Example {@code i} of those given, dropped ones counted. */
    public SequencePair pair(int i) {
        return new SequencePair(sources.get(i), targets.get(i));
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        SplitMix64 random = new SplitMix64(seed, epoch);
        int[] order = kept.clone();
        random.shuffle(order);
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += batching.pool()) {
            cut(Arrays.copyOfRange(order, from, Math.min(order.length, from + batching.pool())), batches);
        }
        int[] places = IntStream.range(0, batches.size()).toArray();
        random.shuffle(places);
        return plan(Arrays.stream(places).mapToObj(batches::get).toArray(int[][]::new));
    }

    /** All examples that were kept, from short to long. */
    @Override
    public EpochPlan evaluation() {
        List<int[]> batches = new ArrayList<>();
        cut(kept.clone(), batches);
        return plan(batches.toArray(int[][]::new));
    }

    /**
     * Sorts a pool by length, equal lengths in the order of the pool, and cuts it into batches. Targets run from short
     * to long under one source length and back under the next, so that a batch across two source lengths meets no jump.
     */
    private void cut(int[] pool, List<int[]> batches) {
        long[] keys = new long[pool.length];
        for (int i = 0; i < pool.length; i++) {
            long source = sources.length(pool[i]);
            long target = targets.length(pool[i]);
            keys[i] = source << 48 | (source % 2 == 0 ? target : Short.MAX_VALUE - target) << 32 | i;
        }
        Arrays.sort(keys);
        int[] sorted = Arrays.stream(keys).mapToInt(key -> pool[(int) key]).toArray();
        int start = 0;
        int longestTarget = 0;
        for (int i = 0; i < sorted.length; i++) {
            int target = Math.max(longestTarget, targets.length(sorted[i]));
            long examples = i - start + 1L;
            boolean full = examples > batching.examplesPerBatch()
                    || examples * (sources.length(sorted[i]) + target) > batching.tokensPerBatch();
            if (full) {
                batches.add(Arrays.copyOfRange(sorted, start, i));
                start = i;
            }
            longestTarget = full ? targets.length(sorted[i]) : target;
        }
        batches.add(Arrays.copyOfRange(sorted, start, sorted.length));
    }

    private EpochPlan plan(int[][] batches) {
        long tokens = 0;
        long cells = 0;
        for (int[] batch : batches) {
            tokens += Arrays.stream(batch).mapToLong(i -> sources.length(i) + targets.length(i)).sum();
            cells += (long) batch.length * (longest(sources, batch) + longest(targets, batch));
        }
        return new EpochPlan(batches, tokens, cells);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        int count = examples.length;
        int sourceLength = longest(sources, examples);
        int targetLength = longest(targets, examples);
        long[] inputIds = filled(count * sourceLength, padId);
        long[] attentionMask = new long[count * sourceLength];
        long[] decoderInputIds = filled(count * targetLength, padId);
        long[] labels = filled(count * targetLength, Batch.IGNORED_LABEL);
        long tokens = 0;
        for (int row = 0; row < count; row++) {
            int[] source = sources.get(examples[row]);
            for (int t = 0, at = row * sourceLength; t < source.length; t++, at++) {
                inputIds[at] = source[t];
                attentionMask[at] = 1;
            }
            int[] target = targets.get(examples[row]);
            for (int t = 0, at = row * targetLength; t < target.length; t++, at++) {
                decoderInputIds[at] = t == 0 ? decoderStartId : target[t - 1];
                labels[at] = target[t];
            }
            tokens += target.length;
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(inputIds, count, sourceLength));
        fields.put("attention_mask", new Batch.Longs(attentionMask, count, sourceLength));
        fields.put("decoder_input_ids", new Batch.Longs(decoderInputIds, count, targetLength));
        fields.put("labels", new Batch.Longs(labels, count, targetLength));
        return new Batch(fields, count, tokens, position);
    }

    private static long[] filled(int length, long value) {
        long[] values = new long[length];
        Arrays.fill(values, value);
        return values;
    }

    private static int longest(TokenSequences sequences, int[] examples) {
        return Arrays.stream(examples).map(sequences::length).max().orElse(0);
    }
}
