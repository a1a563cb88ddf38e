package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jformers.data.PackedBlocks.Order;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Texts of which some tokens are predicted one after the other, in any order: the examples of permutation language
 * models (arXiv:1906.08237, 2.2 and 2.3). The texts are one stream, each with the special tokens of the tokenizer's
 * template, cut into rows; a row of nothing but special tokens is left out. A row is parted into stretches, in each of
 * which a span is predicted: its length L is uniform from 1 to the longest, the stretch is K L long, and the span
 * stands anywhere in it. Special tokens are never predicted.
 *
 * <p>The predicted tokens of a row and its special tokens have an order, each as likely. A token sees those of them
 * that come before it in the order, and all others; those others see each other alone. So nothing leads from a token to
 * one that is predicted before it. What is drawn follows from the draw of the epoch.
 *
 * <p>A batch has the fields {@code input_ids} [B, T], {@code attention_mask} [B, T] (1 at tokens, 0 at padding), {@code
 * perm_mask} [B, T, T] (1 where a token, dimension 1, must not see another one, dimension 2), {@code target_mapping}
 * [B, P, T] (1 at the token that is predicted) and {@code labels} [B, P], -100 behind the last predicted token of a
 * row. P is the largest number of predicted tokens of a row. With {@link Order#STREAMS} rows go on from batch to batch.
 */
public final class PermutedBlocks implements RowExamples {
    private final TokenSequences rows;
    private final Set<Integer> special;
    private final int padId;
    private final Spans spans;
    private final int rowsPerBatch;
    private final Order order;

    /**
     * What is predicted.
     *
     * @param context K: one of so many tokens is predicted, >= 1
     * @param longest tokens of a span at most, >= 1
     */
    public record Spans(int context, int longest) {
        public Spans {
            if (context < 1 || longest < 1) {
                throw new DataException("predicted spans: got a context of " + context + " and up to " + longest
                        + " tokens, allowed >= 1 each");
            }
        }
    }

    /** A row with what is drawn for it: predicted tokens, and the place in the order; -1 for those that come first. */
    private record Drawn(int[] ids, int[] predicted, int[] place) {}

    private PermutedBlocks(
            TokenSequences rows, Set<Integer> special, int padId, Spans spans, int rowsPerBatch, Order order) {
        if (rowsPerBatch < 1) {
            throw new DataException("permuted rows: got " + rowsPerBatch + " rows per batch, allowed >= 1");
        }
        this.rows = rows;
        this.special = special;
        this.padId = padId;
        this.spans = spans;
        this.rowsPerBatch = rowsPerBatch;
        this.order = order;
    }

    /** Encodes texts on all cores. */
    public static PermutedBlocks of(
            List<String> texts, RowEncoding encoding, Spans spans, int rowsPerBatch, Order order) {
        Tokenizer tokenizer = encoding.tokenizer();
        TokenSequences documents = TokenSequences.encode(texts, tokenizer);
        if (documents.tokens() > Integer.MAX_VALUE - 8) {
            throw new DataException("permuted rows: got " + documents.tokens() + " tokens, allowed: up to "
                    + (Integer.MAX_VALUE - 8));
        }
        int[] stream = new int[(int) documents.tokens()];
        int end = 0;
        for (int i = 0; i < documents.size(); i++) {
            int[] document = documents.get(i);
            System.arraycopy(document, 0, stream, end, document.length);
            end += document.length;
        }
        Set<Integer> special = TokenHiding.special(tokenizer.specialTokens());
        List<int[]> rows = IntStream.range(0, (stream.length - 1) / encoding.maxLength() + 1)
                .mapToObj(row -> row * encoding.maxLength())
                .map(from -> Arrays.copyOfRange(
                        stream, from, (int) Math.min(stream.length, (long) from + encoding.maxLength())))
                .filter(row -> Arrays.stream(row).anyMatch(id -> !special.contains(id)))
                .toList();
        if (rows.isEmpty()) {
            throw new DataException("permuted rows: got no tokens but special ones, allowed: one or more");
        }
        return new PermutedBlocks(
                TokenSequences.of(rows, row -> row), special, encoding.padding().id(), spans, rowsPerBatch, order);
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public int length(int i) {
        return rows.length(i);
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return order == Order.STREAMS
                ? evaluation()
                : plan(EpochPlan.batches(EpochPlan.shuffled(size(), seed, epoch), rowsPerBatch));
    }

    @Override
    public EpochPlan evaluation() {
        return plan(order == Order.STREAMS
                ? EpochPlan.streams(size(), rowsPerBatch)
                : EpochPlan.batches(IntStream.range(0, size()).toArray(), rowsPerBatch));
    }

    private EpochPlan plan(int[][] batches) {
        long cells = Arrays.stream(batches).mapToLong(batch -> (long) batch.length * longest(batch)).sum();
        return new EpochPlan(batches, rows.tokens(), cells);
    }

    private int longest(int[] batch) {
        return Arrays.stream(batch).map(rows::length).max().orElse(0);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        List<Drawn> drawn = Arrays.stream(examples).mapToObj(row -> drawn(row, draw)).toList();
        int length = longest(examples);
        int most = drawn.stream().mapToInt(row -> row.predicted().length).max().orElse(0);
        long[] ids = new long[examples.length * length];
        long[] real = new long[ids.length];
        long[] labels = new long[examples.length * most];
        float[] targets = new float[labels.length * length];
        float[] hidden = new float[ids.length * length];
        Arrays.fill(ids, padId);
        Arrays.fill(labels, Batch.IGNORED_LABEL);
        for (int row = 0; row < examples.length; row++) {
            Drawn one = drawn.get(row);
            for (int t = 0; t < one.ids().length; t++) {
                ids[row * length + t] = one.ids()[t];
                real[row * length + t] = 1;
                for (int seen = 0; seen < one.ids().length; seen++) {
                    hidden[(row * length + t) * length + seen] = one.place()[seen] > one.place()[t] ? 1 : 0;
                }
            }
            for (int k = 0; k < one.predicted().length; k++) {
                int t = one.predicted()[k];
                labels[row * most + k] = one.ids()[t];
                targets[(row * most + k) * length + t] = 1;
                hidden[(row * length + t) * length + t] = 1; // what predicts a token does not know it
            }
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(ids, examples.length, length));
        fields.put("attention_mask", new Batch.Longs(real, examples.length, length));
        fields.put("perm_mask", new Batch.Floats(hidden, examples.length, length, length));
        fields.put("target_mapping", new Batch.Floats(targets, examples.length, most, length));
        fields.put("labels", new Batch.Longs(labels, examples.length, most));
        if (order == Order.STREAMS) {
            fields.put(PackedBlocks.SEGMENT, EpochPlan.segment(examples));
        }
        long predicted = drawn.stream().mapToLong(row -> row.predicted().length).sum();
        return new Batch(fields, examples.length, predicted, position);
    }

    private Drawn drawn(int row, Draw draw) {
        int[] ids = rows.get(row);
        Dice dice = new Dice(draw, row);
        boolean[] inSpan = new boolean[ids.length];
        for (int begin = 0; begin < ids.length; ) {
            int span = 1 + dice.below(spans.longest());
            int stretch = span * spans.context();
            int from = begin + dice.below(stretch - span + 1);
            Arrays.fill(inSpan, Math.min(from, ids.length), Math.min(from + span, ids.length), true);
            begin += stretch;
        }
        int[] predicted = places(ids, t -> inSpan[t] && !special.contains(ids[t]));
        if (predicted.length == 0) {
            // A mean over nothing is no number, so one token is predicted.
            int[] any = places(ids, t -> !special.contains(ids[t]));
            predicted = new int[] {any[dice.below(any.length)]};
        }
        int[] place = new int[ids.length];
        Arrays.fill(place, -1);
        int[] last = IntStream.concat(
                Arrays.stream(predicted), Arrays.stream(places(ids, t -> special.contains(ids[t])))).toArray();
        int[] permutation = dice.order(last.length);
        for (int i = 0; i < last.length; i++) {
            place[last[i]] = permutation[i];
        }
        return new Drawn(ids, predicted, place);
    }

    private static int[] places(int[] ids, IntPredicate which) {
        return IntStream.range(0, ids.length).filter(which).toArray();
    }
}
