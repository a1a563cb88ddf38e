package org.jformers.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sequences of tokens with a label at each: the examples of language models whose documents do not see each other.
 *
 * <p>A batch has the fields {@code input_ids} [B, T] and {@code labels} [B, T], -100 where there is no loss. <em>Labels
 * are aligned with their inputs</em>, as in {@link PackedBlocks}. Besides, it has {@code document_ids} [B, T] where
 * several sequences stand in a row, {@link Packing}, which keeps them apart, and otherwise {@code attention_mask}
 * [B, T], 1 at tokens and 0 at padding. T is the longest row of the batch.
 *
 * <p>An epoch has every row once, in random order, in batches of a fixed number, of which the last may be smaller.
 */
public final class LabelledSequences implements BatchedExamples {
    private final TokenSequences inputs;
    private final TokenSequences labels;
    private final Form form;
    private final int[][] rows;
    private final int[] lengths;

    /** How many sequences stand in a row. */
    public enum Packing {
        /** As many as fit, each whole. */
        DOCUMENTS,
        /** One. */
        NONE
    }

    /**
     * How sequences become batches.
     *
     * @param packing how many stand in a row
     * @param length places of a row
     * @param rowsPerBatch rows of a batch
     * @param padId fills rows up
     */
    public record Form(Packing packing, int length, int rowsPerBatch, int padId) {
        public Form {
            if (length < 1 || rowsPerBatch < 1) {
                throw new DataException("rows of sequences: got length " + length + " and " + rowsPerBatch
                        + " rows of a batch, allowed >= 1 each");
            }
        }
    }

    /** A stretch of a document that stands together. */
    private record Piece(int document, int from, int to) {}

    private LabelledSequences(TokenSequences inputs, TokenSequences labels, Form form) {
        this.inputs = inputs;
        this.labels = labels;
        this.form = form;
        if (inputs.size() == 0) {
            throw new DataException("rows of sequences: got no sequences, allowed: one or more");
        }
        rows = form.packing() == Packing.DOCUMENTS
                ? BestFit.rows(inputs.size(), inputs::length, form.length())
                : IntStream.range(0, inputs.size()).mapToObj(i -> new int[] {i}).toArray(int[][]::new);
        lengths = Arrays.stream(rows).mapToInt(row -> Arrays.stream(row).map(inputs::length).sum()).toArray();
    }

    /**
     * Documents whose every token is predicted once, the end token included. A document that is longer than a row is
     * cut into pieces as long as one, which do not see each other either.
     *
     * @param documents token ids, without special tokens
     * @param begin stands before each document, so that its first token is predicted too
     * @param end stands behind each
     */
    public static LabelledSequences ofDocuments(TokenSequences documents, int begin, int end, Form form) {
        List<Piece> pieces = IntStream.range(0, documents.size()).boxed().flatMap(document -> {
            int predictions = documents.length(document) + 1;
            return IntStream.iterate(0, from -> from < predictions, from -> from + form.length())
                    .mapToObj(from -> new Piece(document, from, Math.min(predictions, from + form.length())));
        }).toList();
        List<TokenSequences> parts = TokenSequences.of(pieces, 2, piece -> {
            int[] document = documents.get(piece.document());
            int[] whole = new int[document.length + 2];
            whole[0] = begin;
            System.arraycopy(document, 0, whole, 1, document.length);
            whole[document.length + 1] = end;
            return new int[][] {
                Arrays.copyOfRange(whole, piece.from(), piece.to()),
                Arrays.copyOfRange(whole, piece.from() + 1, piece.to() + 1)
            };
        });
        return new LabelledSequences(parts.get(0), parts.get(1), form);
    }

    /**
     * Sequences of which some tokens are predicted.
     *
     * @param ids token ids, at least two in each sequence and at most one more than a row has places
     * @param predicted as many numbers, 1 at tokens that are predicted from those before them
     */
    public static LabelledSequences ofChosen(TokenSequences ids, TokenSequences predicted, Form form) {
        List<Integer> all = IntStream.range(0, ids.size()).boxed().toList();
        List<TokenSequences> parts = TokenSequences.of(all, 2, i -> {
            int[] sequence = ids.get(i);
            int[] chosen = predicted.get(i);
            int[] following = new int[sequence.length - 1];
            Arrays.setAll(following, t -> chosen[t + 1] == 1 ? sequence[t + 1] : (int) Batch.IGNORED_LABEL);
            return new int[][] {Arrays.copyOf(sequence, following.length), following};
        });
        return new LabelledSequences(parts.get(0), parts.get(1), form);
    }

    /** Number of sequences. */
    public int size() {
        return inputs.size();
    }

    /** Number of rows that they stand in. */
    public int rows() {
        return rows.length;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return plan(EpochPlan.shuffled(rows.length, seed, epoch));
    }

    @Override
    public EpochPlan evaluation() {
        return plan(IntStream.range(0, rows.length).boxed().sorted(Comparator.comparingInt(row -> lengths[row]))
                .mapToInt(Integer::intValue).toArray());
    }

    private EpochPlan plan(int[] order) {
        int[][] batches = EpochPlan.batches(order, form.rowsPerBatch());
        long cells = Arrays.stream(batches).mapToLong(batch -> (long) batch.length * longest(batch)).sum();
        return new EpochPlan(batches, inputs.tokens(), cells);
    }

    private int longest(int[] batch) {
        return Arrays.stream(batch).map(row -> lengths[row]).max().orElse(0);
    }

    @Override
    public Batch collate(int[] batch, Draw draw, long position) {
        int length = longest(batch);
        long[] inputIds = filled(batch.length * length, form.padId());
        long[] following = filled(batch.length * length, Batch.IGNORED_LABEL);
        // Padding is a document of its own, which none of the others sees.
        long[] documents = new long[batch.length * length];
        long labelled = 0;
        for (int row = 0; row < batch.length; row++) {
            int at = row * length;
            int[] sequences = rows[batch[row]];
            for (int document = 0; document < sequences.length; document++) {
                int[] ids = inputs.get(sequences[document]);
                int[] targets = labels.get(sequences[document]);
                for (int t = 0; t < ids.length; t++, at++) {
                    inputIds[at] = ids[t];
                    following[at] = targets[t];
                    documents[at] = document;
                    labelled += targets[t] == Batch.IGNORED_LABEL ? 0 : 1;
                }
            }
            Arrays.fill(documents, at, (row + 1) * length, sequences.length);
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(inputIds, batch.length, length));
        if (form.packing() == Packing.DOCUMENTS) {
            fields.put("document_ids", new Batch.Longs(documents, batch.length, length));
        } else {
            // A row has one document, number 0.
            long[] real = Arrays.stream(documents).map(document -> 1 - document).toArray();
            fields.put("attention_mask", new Batch.Longs(real, batch.length, length));
        }
        fields.put("labels", new Batch.Longs(following, batch.length, length));
        return new Batch(fields, batch.length, labelled, position);
    }

    private static long[] filled(int length, long value) {
        long[] values = new long[length];
        Arrays.fill(values, value);
        return values;
    }
}
