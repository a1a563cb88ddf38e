package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.tensor.Tensors;

/**
 * One token after the other, the best or a random one: greedy search and sampling.
 *
 * <p>Dimensions: B rows, R rows that are read, S tokens so far, V vocabulary.
 */
final class TokenSearch implements Search {
    private final Plan plan;
    private final Sampler sampler;
    private final int copies;
    private final boolean drawn;
    private final long filler;
    private final Optional<TokenListener> listener;
    private final OptionalInt best;
    private final List<Strand> prompts;
    private List<Row> rows = List.of();
    private boolean stopped;

    TokenSearch(Plan plan, Prompt prompt, Sampler sampler, GenerationConfig config, Controls controls) {
        this.plan = plan;
        this.sampler = sampler;
        copies = config.numReturnSequences();
        drawn = config.doSample();
        filler = Generator.padding(config);
        listener = controls.listener();
        best = controls.best();
        prompts = plan.strands(prompt);
    }

    /** One sequence; behind its end it is filled as long as others of the batch go on, if rows keep their places. */
    private static final class Row {
        private final Strand strand;
        private final List<TokenScore> scores = new ArrayList<>();
        private boolean complete;
        /** Length at the end, 0 before. */
        private int length;

        Row(Strand strand) {
            this.strand = strand;
        }

        boolean open() {
            return length == 0;
        }
    }

    @Override
    public List<Strand> strands() {
        if (stopped) {
            return List.of();
        }
        return rows.isEmpty() ? prompts : rows.stream().filter(Row::open).map(row -> row.strand).toList();
    }

    @Override
    public void take(Tensor scores_RV, Decoding decoding) {
        boolean first = rows.isEmpty();
        if (first) {
            rows = prompts.stream().flatMap(strand -> copied(strand, decoding).stream()).toList();
        }
        List<Row> batch = plan.keepsRows() ? rows : rows.stream().filter(Row::open).toList();
        Tensor scores_BV = first ? repeated(scores_RV) : placed(scores_RV, batch);
        long[][] ids_BS = batch.stream().map(row -> row.strand.ids()).toArray(long[][]::new);
        Optional<Tensor> log_BV = best.isPresent() ? Optional.of(TokenScore.logs(scores_BV)) : Optional.empty();
        boolean[] open = new boolean[batch.size()];
        for (int i = 0; i < open.length; i++) {
            open[i] = batch.get(i).open();
        }
        Tensor processed_BV = plan.process(ids_BS, scores_BV, open);
        Scores.require(processed_BV, drawn, ids_BS[0].length - plan.promptLength() + 1);
        long[] chosen = Tensors.toLongs(sampler.choose(processed_BV, 1));
        for (int i = 0; i < chosen.length; i++) {
            Row row = batch.get(i);
            boolean told = log_BV.isPresent() && row.open();
            if (told) {
                row.scores.add(TokenScore.of(chosen[i], log_BV.get().select(0, i), best.getAsInt()));
            }
            append(row, chosen[i], told);
        }
    }

    private List<Row> copied(Strand strand, Decoding decoding) {
        List<Row> all = new ArrayList<>(List.of(new Row(strand)));
        for (int copy = 1; copy < copies; copy++) {
            all.add(new Row(strand.fork(decoding, strand.ids())));
        }
        return all;
    }

    private Tensor repeated(Tensor scores_RV) {
        return copies == 1 ? scores_RV : scores_RV.repeat_interleave(copies, new LongOptional(0), new LongOptional());
    }

    /** Rows that have ended get scores that say nothing: a draw takes as many random numbers for them as for others. */
    private static Tensor placed(Tensor scores_RV, List<Row> batch) {
        if (scores_RV.size(0) == batch.size()) {
            return scores_RV;
        }
        long[] open = IntStream.range(0, batch.size()).filter(i -> batch.get(i).open()).asLongStream().toArray();
        Tensor all_BV = Tensors.empty(Tensors.type(scores_RV), batch.size(), scores_RV.size(1)).zero_();
        return all_BV.index_copy_(0, Tensors.ofLongs(open, open.length), scores_RV);
    }

    private void append(Row row, long chosen, boolean told) {
        if (!row.open()) {
            row.strand.append(filler);
            return;
        }
        row.strand.append(chosen);
        listener.ifPresent(hears -> {
            if (told) {
                hears.scored(row.scores.get(row.scores.size() - 1));
            } else {
                hears.token((int) chosen);
            }
        });
    }

    @Override
    public void settle(Decoding decoding) {
        for (Row row : rows) {
            long[] ids = row.strand.ids();
            if (row.open() && ids.length > plan.promptLength()) {
                row.complete = plan.complete(ids);
                if (row.complete || ids.length >= plan.maxLength()) {
                    row.length = ids.length;
                    row.strand.end(decoding);
                }
            }
        }
    }

    @Override
    public void stop() {
        rows.stream().filter(Row::open).forEach(row -> {
            row.length = row.strand.ids().length;
            row.complete = true;
        });
        stopped = true;
    }

    @Override
    public List<List<Continuation>> result() {
        Continuation nothing = new Continuation(new int[0], OptionalDouble.empty(), stopped);
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> rows.isEmpty()
                        ? Collections.nCopies(copies, nothing)
                        : rows.subList(i * copies, (i + 1) * copies).stream().map(this::continuation).toList())
                .toList();
    }

    private Continuation continuation(Row row) {
        int length = row.open() ? row.strand.ids().length : row.length;
        int[] added = Arrays.stream(row.strand.ids(), plan.promptLength(), length).mapToInt(id -> (int) id).toArray();
        return new Continuation(added, OptionalDouble.empty(), row.complete, row.scores);
    }

    @Override
    public void close() {
        sampler.close();
    }
}
