package org.jformers.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Replies with their candidates as rows of tokens. A batch has {@code input_ids} and {@code labels} [B, N, T], N being
 * the candidates, {@code mc_token_ids} [B, N], the last place of each, and {@code mc_labels} [B], the right one, which
 * is the last; where types are given {@code token_type_ids} [B, N, T]. Labels are the right reply's tokens and its end,
 * each at its own place.
 */
public final class DialogueRows implements BatchedExamples {
    private final List<List<DialogueTokens.Row>> replies;
    private final Form form;

    /**
     * What is made of replies.
     *
     * @param tokens how they become tokens
     * @param candidates how many of a reply's candidates are there at most, the last ones; 0 for all
     * @param permutations how many orders of the persona's sentences are there of each
     * @param types whether who speaks is told at each place
     * @param batch replies of a batch
     */
    public record Form(DialogueTokens tokens, int candidates, int permutations, boolean types, int batch) {}

    private DialogueRows(List<List<DialogueTokens.Row>> replies, Form form) {
        this.replies = replies;
        this.form = form;
    }

    /**
     * Encodes replies on all cores.
     *
     * @throws DataException if a reply has other numbers of candidates than the others
     */
    public static DialogueRows of(List<Dialogues.Reply> replies, Form form) {
        List<Dialogues.Reply> turned = IntStream.range(0, form.permutations()).boxed()
                .flatMap(turn -> replies.stream().map(reply -> reply.rotated(turn))).toList();
        List<List<DialogueTokens.Row>> rows = turned.parallelStream().map(reply -> {
            List<String> all = reply.candidates();
            int kept = form.candidates() == 0 ? all.size() : Math.min(form.candidates(), all.size());
            return all.subList(all.size() - kept, all.size()).stream()
                    .map(candidate -> form.tokens().row(reply, candidate)).toList();
        }).toList();
        if (rows.stream().mapToInt(List::size).distinct().count() > 1) {
            throw new DataException("dialogue: got replies with "
                    + rows.stream().mapToInt(List::size).min().orElseThrow() + " to "
                    + rows.stream().mapToInt(List::size).max().orElseThrow() + " candidates, allowed one number");
        }
        return new DialogueRows(rows, form);
    }

    /** Number of replies, each order of a persona counted. */
    public int size() {
        return replies.size();
    }

    /** Candidates of each. */
    public int candidates() {
        return replies.get(0).size();
    }

    private int longest(int reply) {
        return replies.get(reply).stream().mapToInt(row -> row.ids().length).max().orElseThrow();
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return plan(EpochPlan.shuffled(size(), seed, epoch));
    }

    @Override
    public EpochPlan evaluation() {
        return plan(IntStream.range(0, size()).boxed().sorted(Comparator.comparingInt(this::longest))
                .mapToInt(Integer::intValue).toArray());
    }

    private EpochPlan plan(int[] order) {
        int[][] batches = EpochPlan.batches(order, form.batch());
        long cells = 0;
        for (int[] batch : batches) {
            cells += (long) batch.length * candidates() * Arrays.stream(batch).map(this::longest).max().orElse(0);
        }
        long tokens = replies.stream().flatMap(List::stream).mapToLong(row -> row.ids().length).sum();
        return new EpochPlan(batches, tokens, cells);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        List<DialogueTokens.Row> rows =
                Arrays.stream(examples).boxed().flatMap(i -> replies.get(i).stream()).toList();
        int candidates = candidates();
        int length = rows.stream().mapToInt(row -> row.ids().length).max().orElse(0);
        long[] ids = new long[rows.size() * length];
        long[] types = new long[ids.length];
        long[] labels = new long[ids.length];
        Arrays.fill(ids, form.tokens().id(DialogueTokens.PAD));
        Arrays.fill(types, form.tokens().id(DialogueTokens.PAD));
        Arrays.fill(labels, Batch.IGNORED_LABEL);
        long[] last = new long[rows.size()];
        long learned = 0;
        for (int r = 0; r < rows.size(); r++) {
            DialogueTokens.Row row = rows.get(r);
            last[r] = row.ids().length - 1L;
            boolean right = r % candidates == candidates - 1;
            for (int t = 0; t < row.ids().length; t++) {
                ids[r * length + t] = row.ids()[t];
                types[r * length + t] = row.types()[t];
                if (right && t >= row.reply()) {
                    labels[r * length + t] = row.ids()[t];
                    learned++;
                }
            }
        }
        long[] rightOnes = new long[examples.length];
        Arrays.fill(rightOnes, candidates - 1L);
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(ids, examples.length, candidates, length));
        if (form.types()) {
            fields.put("token_type_ids", new Batch.Longs(types, examples.length, candidates, length));
        }
        fields.put("mc_token_ids", new Batch.Longs(last, examples.length, candidates));
        fields.put("labels", new Batch.Longs(labels, examples.length, candidates, length));
        fields.put("mc_labels", new Batch.Longs(rightOnes, examples.length));
        return new Batch(fields, examples.length, learned, position);
    }
}
