package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.data.MaskedTexts.Hiding;
import org.jformers.data.TokenHiding.Hidden;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Pairs of stretches of text with hidden tokens, for models that are asked how the two are related beside what is
 * hidden: whether the second follows the first (arXiv:1810.04805, 3.1), or whether they stand in their order
 * (arXiv:1909.11942, 3.1).
 *
 * <p>Documents are cut into chunks of sentences that fill a row, a tenth of them shorter. A chunk is parted between any
 * two of its sentences. Of the pairs half are related (label 0), half not (label 1): their second half comes from
 * another document, or the halves are swapped. What is longer than a row loses tokens at either end of the longer half.
 * Where a chunk is parted, what becomes of it and what is hidden follows from the draw of the epoch: another choice in
 * each, the same in every evaluation.
 *
 * <p>A chunk of one sentence cannot be parted. Where next sentences are asked for, it gets a second half from another
 * document, as in BERT's own code, so that somewhat more than half of the labels are 1; where the order is, it is left
 * out.
 *
 * <p>A batch has the fields of {@link MaskedTexts}, and the labels of the pairs [B] under the name that the model gives
 * them.
 */
public final class MaskedPairs implements RowExamples {
    private static final double SHORT = 0.1;
    private static final double UNRELATED = 0.5;

    /** Behind all numbers by which tokens are hidden. */
    private static final long PAIR_DRAWS = 1L << 41;

    private final TokenSequences ids;
    private final TokenSequences units;
    /** The first sentence of each document, and the number of all. */
    private final int[] firsts;
    private final List<Chunk> chunks;
    private final int alone;
    private final RowEncoding encoding;
    private final PairFrame frame;
    private final Pairing pairing;
    private final TokenHiding hiding;
    private final int rowsPerBatch;

    /** What is asked about two stretches of text. */
    public enum Relation {
        /** Whether the second follows the first. */
        NEXT_SENTENCE,
        /** Whether they stand in their order. */
        SENTENCE_ORDER
    }

    /**
     * How pairs are made.
     *
     * @param relation what is asked
     * @param field the name of the labels
     * @param sentences how texts are cut
     */
    public record Pairing(Relation relation, String field, Sentences sentences) {}

    /** Sentences of a document, [from, to), and how many tokens they may fill. */
    private record Chunk(int document, int from, int to, int room) {}

    /** Two halves. */
    private record Pair(Part first, Part second, int label) {}

    /** Tokens, and the units that they are hidden with. */
    private record Part(int[] ids, int[] units) {
        Part cut(int from, int to) {
            return new Part(Arrays.copyOfRange(ids, from, to), Arrays.copyOfRange(units, from, to));
        }
    }

    private MaskedPairs(List<TokenSequences> sentences, int[] firsts, RowEncoding encoding, Pairing pairing,
            TokenHiding hiding, int rowsPerBatch) {
        units = sentences.get(0);
        ids = sentences.get(1);
        this.firsts = firsts;
        this.encoding = encoding;
        this.pairing = pairing;
        this.hiding = hiding;
        this.rowsPerBatch = rowsPerBatch;
        frame = PairFrame.of(encoding.tokenizer());
        int room = encoding.maxLength() - frame.size();
        if (rowsPerBatch < 1 || room < 2) {
            throw new DataException("masked pairs: got rows of " + encoding.maxLength() + " tokens, " + rowsPerBatch
                    + " rows per batch, allowed >= " + (frame.size() + 2) + ", >= 1");
        }
        List<Chunk> all = chunks(room);
        chunks = pairing.relation() == Relation.SENTENCE_ORDER
                ? all.stream().filter(chunk -> chunk.to() - chunk.from() > 1).toList()
                : all;
        alone = (int) all.stream().filter(chunk -> chunk.to() - chunk.from() == 1).count();
        if (pairing.relation() == Relation.NEXT_SENTENCE && firsts.length < 3) {
            throw new DataException("next sentences: got one text, allowed two or more, from which others come");
        }
        if (chunks.isEmpty()) {
            throw new DataException("sentence pairs: got no text of two sentences or more, allowed one or more");
        }
    }

    /** Encodes texts, each of which is a document, on all cores. */
    public static MaskedPairs of(
            List<String> texts, RowEncoding encoding, Pairing pairing, Hiding hiding, int rowsPerBatch) {
        Tokenizer tokenizer = encoding.tokenizer();
        TokenHiding hides = new TokenHiding(hiding, tokenizer);
        List<List<String>> documents = texts.parallelStream()
                .map(pairing.sentences()::of).filter(document -> !document.isEmpty()).toList();
        int[] firsts = new int[documents.size() + 1];
        for (int i = 0; i < documents.size(); i++) {
            firsts[i + 1] = firsts[i] + documents.get(i).size();
        }
        List<TokenSequences> sentences = TokenSequences.of(
                documents.stream().flatMap(List::stream).toList(), 2, sentence -> {
                    Encoding tokens = tokenizer.encodePlain(sentence);
                    return new int[][] {hides.units(tokens), tokens.ids()};
                });
        return new MaskedPairs(sentences, firsts, encoding, pairing, hides, rowsPerBatch);
    }

    private List<Chunk> chunks(int room) {
        List<Chunk> found = new ArrayList<>();
        for (int document = 0; document < firsts.length - 1; document++) {
            for (int from = firsts[document]; from < firsts[document + 1];) {
                Dice dice = new Dice(Draw.FIXED, found.size(), PAIR_DRAWS);
                int target = dice.uniform() < SHORT ? 2 + dice.below(room - 1) : room;
                int to = upTo(from, firsts[document + 1], target);
                found.add(new Chunk(document, from, to, target));
                from = to;
            }
        }
        return found;
    }

    /** Where sentences from one on end that have so many tokens, or all to the last one; at least one. */
    private int upTo(int from, int last, int tokens) {
        int to = from;
        for (int taken = 0; to < last && (taken < tokens || to == from); to++) {
            taken += ids.length(to);
        }
        return to;
    }

    @Override
    public int size() {
        return chunks.size();
    }

    /** How many chunks are one sentence alone. */
    public int alone() {
        return alone;
    }

    @Override
    public int length(int i) {
        Chunk chunk = chunks.get(i);
        int tokens = IntStream.range(chunk.from(), chunk.to()).map(ids::length).sum();
        return Math.min(tokens, chunk.room()) + frame.size();
    }

    private Pair pair(int number, Draw draw) {
        Chunk chunk = chunks.get(number);
        Dice dice = new Dice(draw, number, PAIR_DRAWS);
        int count = chunk.to() - chunk.from();
        int middle = chunk.from() + (count == 1 ? 1 : 1 + dice.below(count - 1));
        boolean related = dice.uniform() >= UNRELATED && count > 1;
        Part first = part(chunk.from(), middle);
        if (pairing.relation() == Relation.NEXT_SENTENCE && !related) {
            int other = dice.below(firsts.length - 2);
            other += other < chunk.document() ? 0 : 1;
            int from = firsts[other] + dice.below(firsts[other + 1] - firsts[other]);
            Part second = part(from, upTo(from, firsts[other + 1], chunk.room() - first.ids().length));
            return fitting(first, second, 1, chunk.room(), dice);
        }
        Part second = part(middle, chunk.to());
        return related
                ? fitting(first, second, 0, chunk.room(), dice)
                : fitting(second, first, 1, chunk.room(), dice);
    }

    private Part part(int from, int to) {
        return new Part(
                IntStream.range(from, to).flatMap(i -> Arrays.stream(ids.get(i))).toArray(),
                // The last unit of a sentence is another one than the first of the next.
                IntStream.range(from, to).flatMap(i ->
                        Arrays.stream(units.get(i)).map(unit -> unit < 0 ? unit : 2 * unit + i % 2)).toArray());
    }

    /** Takes tokens from the longer half, at its beginning or its end, until both fit. */
    private static Pair fitting(Part first, Part second, int label, int room, Dice dice) {
        int[] from = {0, 0};
        int[] to = {first.ids().length, second.ids().length};
        while (to[0] - from[0] + to[1] - from[1] > room) {
            int longer = to[0] - from[0] > to[1] - from[1] ? 0 : 1;
            if (dice.uniform() < 0.5) {
                from[longer]++;
            } else {
                to[longer]--;
            }
        }
        return new Pair(first.cut(from[0], to[0]), second.cut(from[1], to[1]), label);
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return plan(EpochPlan.shuffled(size(), seed, epoch));
    }

    @Override
    public EpochPlan evaluation() {
        return plan(IntStream.range(0, size()).toArray());
    }

    /** By the lengths of the chunks, which are about those of the pairs. */
    private EpochPlan plan(int[] order) {
        int[][] batches = EpochPlan.batches(order, rowsPerBatch);
        long cells = Arrays.stream(batches)
                .mapToLong(batch -> (long) batch.length * Arrays.stream(batch).map(this::length).max().orElse(0)).sum();
        return new EpochPlan(batches, Arrays.stream(order).mapToLong(this::length).sum(), cells);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        List<Pair> pairs = Arrays.stream(examples).mapToObj(number -> pair(number, draw)).toList();
        List<TokenHiding.Row> plain = IntStream.range(0, pairs.size()).mapToObj(i -> {
            Pair pair = pairs.get(i);
            return new TokenHiding.Row(examples[i], frame.around(pair.first().ids(), pair.second().ids()),
                    numbered(frame.around(pair.first().units(), pair.second().units(), -1)));
        }).toList();
        List<Hidden> hidden = hiding.hide(plain, draw);
        List<TokenSequences> types = encoding.tokenTypes()
                ? List.of(TokenSequences.of(pairs, pair ->
                        frame.types(pair.first().ids().length, pair.second().ids().length)))
                : List.of();
        TokenRows rows = new TokenRows(encoding, TokenSequences.of(hidden, Hidden::ids), types, 0);
        int[] numbers = IntStream.range(0, pairs.size()).toArray();
        Map<String, Batch.Field> fields = new LinkedHashMap<>(rows.fields(numbers));
        fields.put("labels", rows.filled(TokenSequences.of(hidden, Hidden::labels), numbers, rows.longest(numbers),
                Batch.IGNORED_LABEL));
        fields.put(pairing.field(),
                new Batch.Longs(pairs.stream().mapToLong(Pair::label).toArray(), pairs.size()));
        return new Batch(fields, pairs.size(), TokenHiding.labelled(hidden), position);
    }

    /** Units from 0 without gaps. */
    private static int[] numbered(int[] units) {
        int[] numbered = new int[units.length];
        int number = -1;
        for (int t = 0; t < units.length; t++) {
            if (units[t] < 0) {
                numbered[t] = -1;
                continue;
            }
            number += t == 0 || units[t] != units[t - 1] ? 1 : 0;
            numbered[t] = number;
        }
        return numbered;
    }
}
