package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jformers.data.PackedBlocks.Order;
import org.jformers.data.PermutedBlocks.Spans;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

/** What is predicted, and in which order, is as likely as the paper says; nothing leads to a token before its turn. */
final class PermutedBlocksTest {
    private static final int LENGTH = 64;
    private static final Tokenizer TOKENIZER = tokenizer();

    private static Tokenizer tokenizer() {
        try {
            return AutoTokenizer.load(Path.of(PermutedBlocksTest.class.getResource("/rows/right").toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PermutedBlocks blocks(List<String> texts, Order order) {
        return PermutedBlocks.of(texts, RowEncoding.of(TOKENIZER, LENGTH, false), new Spans(6, 5), 4, order);
    }

    /** A row: its ids, which are predicted, and who must not see whom. */
    private record Row(long[] ids, boolean[] predicted, boolean[][] hidden) {}

    private static List<Row> rows(PermutedBlocks blocks, Draw draw) {
        Batch batch = blocks.collate(IntStream.range(0, blocks.size()).toArray(), draw, 1);
        int length = (int) batch.longs("input_ids").shape()[1];
        int most = (int) batch.longs("labels").shape()[1];
        float[] mapping = ((Batch.Floats) batch.fields().get("target_mapping")).values();
        float[] mask = ((Batch.Floats) batch.fields().get("perm_mask")).values();
        assertThat(batch.labels()).isEqualTo(LongStream.of(batch.longs("labels").values())
                .filter(label -> label != Batch.IGNORED_LABEL).count());
        List<Row> rows = new ArrayList<>();
        for (int row = 0; row < batch.examples(); row++) {
            int real = blocks.length(row);
            long[] ids = Arrays.copyOfRange(batch.longs("input_ids").values(), row * length, row * length + real);
            for (int t = 0; t < length; t++) {
                assertThat(batch.longs("attention_mask").values()[row * length + t]).isEqualTo(t < real ? 1 : 0);
            }
            boolean[] predicted = new boolean[real];
            for (int k = 0; k < most; k++) {
                long label = batch.longs("labels").values()[row * most + k];
                for (int t = 0; t < length; t++) {
                    if (mapping[(row * most + k) * length + t] == 1) {
                        assertThat(ids[t]).isEqualTo(label);
                        predicted[t] = true;
                    }
                }
            }
            boolean[][] hidden = new boolean[real][real];
            for (int t = 0; t < real; t++) {
                for (int seen = 0; seen < real; seen++) {
                    hidden[t][seen] = mask[(row * length + t) * length + seen] > 0;
                }
            }
            rows.add(new Row(ids, predicted, hidden));
        }
        return rows;
    }

    /** Rows of one long text, special tokens at its ends alone, in several epochs. */
    private static List<Row> plain() {
        PermutedBlocks blocks = blocks(List.of("old fox lazy dog the tree ".repeat(2000)), Order.SHUFFLED);
        List<Row> rows = new ArrayList<>();
        for (int epoch = 0; epoch < 10; epoch++) {
            rows.addAll(rows(blocks, new Draw(3, epoch)).subList(1, blocks.size() - 1));
        }
        return rows;
    }

    private static double chiSquared(List<Row> rows, ToIntFunction<Row> which, int kinds) {
        int[] counts = new int[kinds];
        int all = 0;
        for (Row row : rows) {
            int kind = which.applyAsInt(row);
            if (kind >= 0 && kind < kinds) {
                counts[kind]++;
                all++;
            }
        }
        double expected = (double) all / kinds;
        assertThat(expected).isGreaterThan(30);
        return Arrays.stream(counts).mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
    }

    private static int first(Row row) {
        return IntStream.range(0, row.predicted().length).filter(t -> row.predicted()[t]).findFirst().orElseThrow();
    }

    private static int span(Row row) {
        int from = first(row);
        return (int) IntStream.range(from, row.predicted().length).takeWhile(t -> row.predicted()[t]).count();
    }

    @Test
    void predictsOneOfSixTokensInSpansOfUpToFive() {
        List<Row> rows = plain();
        double predicted = rows.stream().mapToLong(row -> IntStream.range(0, LENGTH).filter(t -> row.predicted()[t])
                .count()).sum() / (double) (LENGTH * rows.size());
        assertThat(predicted).isBetween(0.155, 0.175);
        // One sample of 1,000 is above these, at four and five degrees of freedom.
        assertThat(chiSquared(rows, row -> span(row) - 1, 5)).isLessThan(18.47);
        assertThat(chiSquared(rows, row -> span(row) == 1 ? first(row) : -1, 6)).isLessThan(20.52);
    }

    /** Of three predicted tokens each of the six orders is as likely. */
    @Test
    void drawsEachOrderAsOften() {
        List<Row> rows = plain();
        assertThat(chiSquared(rows, row -> {
            int[] three = IntStream.range(0, LENGTH).filter(t -> row.predicted()[t]).limit(3).toArray();
            boolean first = row.hidden()[three[0]][three[1]];
            boolean second = row.hidden()[three[0]][three[2]];
            boolean third = row.hidden()[three[1]][three[2]];
            int order = (first ? 4 : 0) + (second ? 2 : 0) + (third ? 1 : 0);
            return List.of(0, 1, 3, 4, 6, 7).indexOf(order); // 2 and 5 would be circles
        }, 6)).isLessThan(20.52);
    }

    /** Also by way of tokens between, and of special tokens, which have a place in the order. */
    @Test
    void nothingLeadsToATokenBeforeItsTurn() {
        PermutedBlocks blocks = blocks(Collections.nCopies(200, "old fox lazy dog the tree"), Order.SHUFFLED);
        Set<Integer> special = TokenHiding.special(TOKENIZER.specialTokens());
        for (Row row : rows(blocks, new Draw(5, 0))) {
            int length = row.ids().length;
            for (int t = 0; t < length; t++) {
                boolean isSpecial = special.contains((int) row.ids()[t]);
                assertThat(row.predicted()[t] && isSpecial).isFalse();
                boolean ordered = row.predicted()[t] || isSpecial;
                assertThat(row.hidden()[t][t]).isEqualTo(row.predicted()[t]);
                for (int other = 0; other < length; other++) {
                    boolean otherOrdered = row.predicted()[other] || special.contains((int) row.ids()[other]);
                    if (other != t && ordered && otherOrdered) {
                        assertThat(row.hidden()[t][other]).isNotEqualTo(row.hidden()[other][t]);
                    } else if (other != t) {
                        assertThat(row.hidden()[t][other]).isEqualTo(otherOrdered && !ordered);
                    }
                }
                if (row.predicted()[t]) {
                    assertThat(reached(row, t).get(t)).isFalse();
                }
            }
        }
    }

    /** Whatever a query may know of: what it sees, what that sees, and so on. */
    private static BitSet reached(Row row, int query) {
        BitSet reached = new BitSet();
        BitSet next = new BitSet();
        IntStream.range(0, row.ids().length).filter(t -> !row.hidden()[query][t]).forEach(next::set);
        while (!next.isEmpty()) {
            int token = next.nextSetBit(0);
            next.clear(token);
            reached.set(token);
            IntStream.range(0, row.ids().length).filter(t -> !row.hidden()[token][t] && !reached.get(t))
                    .forEach(next::set);
        }
        return reached;
    }

    @Test
    void drawsAnewInEachEpochAndTheSameInEachEvaluation() {
        PermutedBlocks blocks = blocks(List.of("old fox lazy dog the tree ".repeat(40)), Order.STREAMS);
        assertThat(rows(blocks, new Draw(1, 0)).get(1).predicted())
                .isNotEqualTo(rows(blocks, new Draw(1, 1)).get(1).predicted())
                .isEqualTo(rows(blocks, new Draw(1, 0)).get(1).predicted());
        assertThat(blocks.size()).isEqualTo(4); // 242 tokens, the last row is shorter
        assertThat(blocks.length(3)).isEqualTo(242 - 3 * LENGTH);
        assertThat(blocks.epoch(1, 0).batches()).isDeepEqualTo(new int[][] {{0, 1, 2, 3}});
        assertThat(blocks.epoch(1, 0).tokens()).isEqualTo(242);
    }

    /** A last row of one special token would have no loss. */
    @Test
    void everyRowHasSomethingToPredict() {
        PermutedBlocks blocks = blocks(List.of("the fox ".repeat(LENGTH / 2 - 1) + "a"), Order.STREAMS);
        assertThat(blocks.size()).isEqualTo(1); // [CLS], 63 tokens and in a row of its own [SEP]
        assertThat(blocks.length(0)).isEqualTo(LENGTH);
        PermutedBlocks shorts = blocks(List.of("fox"), Order.STREAMS);
        assertThat(rows(shorts, new Draw(1, 0)).get(0).predicted()).containsExactly(false, true, false);
        assertThatThrownBy(() -> blocks(List.of(""), Order.STREAMS)).isInstanceOf(DataException.class)
                .hasMessage("permuted rows: got no tokens but special ones, allowed: one or more");
    }

    @Test
    void refusesNumbersThatPredictNothing() {
        assertThatThrownBy(() -> new Spans(0, 5)).isInstanceOf(DataException.class)
                .hasMessage("predicted spans: got a context of 0 and up to 5 tokens, allowed >= 1 each");
    }
}
