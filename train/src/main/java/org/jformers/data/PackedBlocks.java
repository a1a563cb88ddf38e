package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Documents for a causal language model, packed without padding: one stream of tokens, an end-of-text token before the
 * first document and behind each, cut into blocks of {@code context} predictions. Block i reads the tokens from {@code
 * i * context} on and predicts those from {@code i * context + 1} on, so every token of the stream but the first is
 * predicted exactly once. Attention may look across documents.
 *
 * <p>A batch has the fields {@code input_ids} [B, T] and {@code labels} [B, T]. <em>Labels are aligned with their
 * inputs</em>: {@code labels} at t is the token that follows {@code input_ids} at t, so a loss must not shift them
 * again (Hugging Face's causal models take unshifted labels and shift inside). Where the stream ends inside a block,
 * the block is filled with end-of-text and labels of -100.
 *
 * <p>Training leaves such a last block out; evaluation has it. For models with a memory, {@link Order#STREAMS} has
 * blocks go on from batch to batch.
 */
public final class PackedBlocks implements BatchedExamples {
    /** The field of batches whose rows go on in the next one: the number of the batch among them, from 0. */
    public static final String SEGMENT = "segment";

    private final TokenSequences documents;
    /** Where documents begin in the stream, and last where another one would. */
    private final long[] starts;
    private final int endOfTextId;
    private final int context;
    private final int blocksPerBatch;
    private final Order order;

    /** Which blocks make a batch. */
    public enum Order {
        /** Any; another choice in each epoch. */
        SHUFFLED,
        /**
         * One of each of as many stretches as a batch has rows, and in the next batch the blocks behind them: the same
         * ones in each epoch, the last, shorter block included. Batches have the field {@code segment} [B], the number
         * of the batch among them, from 0. The rows that go on are the first ones of the batch before.
         */
        STREAMS
    }

    /** Blocks in random order. */
    public PackedBlocks(TokenSequences documents, int endOfTextId, int context, int blocksPerBatch) {
        this(documents, endOfTextId, context, blocksPerBatch, Order.SHUFFLED);
    }

    /**
     * @param documents token ids of the documents, without special tokens
     * @param endOfTextId stands before, between and behind the documents
     * @param context number of predictions per block
     * @param blocksPerBatch number of blocks per batch; the last batch of an epoch may have fewer
     * @param order which blocks make a batch
     */
    public PackedBlocks(
            TokenSequences documents, int endOfTextId, int context, int blocksPerBatch, Order order) {
        if (context < 1 || blocksPerBatch < 1) {
            throw new DataException("packing: context and blocks per batch must be >= 1, got " + context + " and "
                    + blocksPerBatch);
        }
        if (documents.size() == 0) {
            throw new DataException("packing: no documents");
        }
        this.documents = documents;
        this.endOfTextId = endOfTextId;
        this.context = context;
        this.blocksPerBatch = blocksPerBatch;
        this.order = order;
        starts = new long[documents.size() + 1];
        starts[0] = 1;
        for (int i = 0; i < documents.size(); i++) {
            starts[i + 1] = starts[i] + documents.length(i) + 1;
        }
        if (predictedTokens() / context >= Integer.MAX_VALUE) {
            throw new DataException("packing: got " + predictedTokens() / context + " blocks, allowed up to "
                    + (Integer.MAX_VALUE - 1));
        }
    }

    /** Number of tokens that an evaluation predicts: those of all documents, and an end-of-text token for each. */
    public long predictedTokens() {
        return starts[documents.size()] - 1;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        if (order == Order.STREAMS) {
            return evaluation();
        }
        int blocks = (int) (predictedTokens() / context);
        if (blocks == 0) {
            throw new DataException("packing: " + predictedTokens() + " tokens do not fill one context of " + context);
        }
        return plan(EpochPlan.batches(EpochPlan.shuffled(blocks, seed, epoch), blocksPerBatch));
    }

    @Override
    public EpochPlan evaluation() {
        int blocks = (int) ((predictedTokens() - 1) / context) + 1;
        return plan(order == Order.STREAMS
                ? EpochPlan.streams(blocks, blocksPerBatch)
                : EpochPlan.batches(IntStream.range(0, blocks).toArray(), blocksPerBatch));
    }

    private EpochPlan plan(int[][] batches) {
        int[] blocks = Arrays.stream(batches).flatMapToInt(Arrays::stream).toArray();
        long tokens = Arrays.stream(blocks).mapToLong(this::predictions).sum();
        return new EpochPlan(batches, tokens, (long) blocks.length * context);
    }

    private int predictions(int block) {
        return (int) Math.min(context, predictedTokens() - (long) block * context);
    }

    @Override
    public Batch collate(int[] blocks, Draw draw, long position) {
        long[] inputIds = new long[blocks.length * context];
        long[] labels = new long[blocks.length * context];
        Arrays.fill(inputIds, endOfTextId);
        Arrays.fill(labels, Batch.IGNORED_LABEL);
        long tokens = 0;
        for (int row = 0; row < blocks.length; row++) {
            int predictions = predictions(blocks[row]);
            int[] read = tokens((long) blocks[row] * context, predictions + 1);
            for (int t = 0; t < predictions; t++) {
                inputIds[row * context + t] = read[t];
                labels[row * context + t] = read[t + 1];
            }
            tokens += predictions;
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(inputIds, blocks.length, context));
        fields.put("labels", new Batch.Longs(labels, blocks.length, context));
        if (order == Order.STREAMS) {
            fields.put(SEGMENT, EpochPlan.segment(blocks));
        }
        return new Batch(fields, blocks.length, tokens, position);
    }

    /** The tokens of a stretch of the stream. */
    private int[] tokens(long from, int count) {
        int[] tokens = new int[count];
        Arrays.fill(tokens, endOfTextId);
        int found = Arrays.binarySearch(starts, from);
        long end = from + count;
        for (int i = Math.max(0, found >= 0 ? found : -found - 2); i < documents.size() && starts[i] < end; i++) {
            int skipped = (int) Math.max(0, from - starts[i]);
            int at = (int) Math.max(0, starts[i] - from);
            int length = Math.min(documents.length(i) - skipped, count - at);
            if (length > 0) {
                documents.copy(i, skipped, tokens, at, length);
            }
        }
        return tokens;
    }
}
