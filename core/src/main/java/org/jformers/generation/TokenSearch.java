package org.jformers.generation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * One token after the other, the best or a random one: greedy search and sampling.
 *
 * <p>Dimensions: B rows at work, S tokens so far, V vocabulary.
 */
final class TokenSearch {
    private final Plan plan;
    private final Sampler sampler;
    private final Decoding decoding;
    private final long[][] prompt_BS;
    private final int copies;
    private final boolean drawn;
    private final long filler;
    private final Optional<TokenListener> listener;
    private final List<Row> rows;
    /** Those that are still read; none before the first token. */
    private List<Row> batch = List.of();

    /** Uses a sampler and a decoding that stay the caller's. */
    TokenSearch(
            Plan plan, long[][] prompt_BS, Sampler sampler, Decoding decoding, GenerationConfig config,
            Optional<TokenListener> listener) {
        this.plan = plan;
        this.sampler = sampler;
        this.decoding = decoding;
        this.prompt_BS = prompt_BS;
        copies = config.numReturnSequences();
        drawn = config.doSample();
        filler = Generator.padding(config);
        this.listener = listener;
        rows = Arrays.stream(prompt_BS)
                .flatMap(prompt -> IntStream.range(0, copies).mapToObj(copy -> new Row(prompt)))
                .toList();
    }

    /** One sequence; behind its end it is filled as long as others of the batch go on. */
    private static final class Row {
        private long[] ids;
        private boolean complete;
        /** Length at the end, 0 before. */
        private int length;

        Row(long[] prompt) {
            ids = prompt;
        }

        boolean open() {
            return length == 0;
        }
    }

    List<List<Continuation>> run() {
        do {
            step();
        } while (goesOn());
        return continuations();
    }

    /** Gives each row one more token. */
    void step() {
        if (batch.isEmpty()) {
            batch = rows;
            append(Scopes.get(() -> choose(Generator.first(decoding, prompt_BS, copies))));
        } else {
            batch = withoutEnded();
            append(Scopes.get(() -> choose(Generator.next(decoding, ids()))));
        }
    }

    private long[] choose(Tensor scores_BV) {
        Tensor processed_BV = plan.process(ids(), scores_BV);
        Scores.require(processed_BV, drawn, batch.get(0).ids.length - plan.promptLength() + 1);
        return Tensors.toLongs(sampler.choose(processed_BV, 1));
    }

    private void append(long[] chosen) {
        for (int i = 0; i < chosen.length; i++) {
            Row row = batch.get(i);
            long token = row.open() ? chosen[i] : filler;
            row.ids = Arrays.copyOf(row.ids, row.ids.length + 1);
            row.ids[row.ids.length - 1] = token;
            if (row.open()) {
                listener.ifPresent(hears -> hears.token((int) token));
            }
        }
    }

    /** Ends the rows that are complete, and those that may not get longer; true if there are others. */
    boolean goesOn() {
        for (Row row : batch) {
            if (row.open()) {
                row.complete = plan.complete(row.ids);
                row.length = row.complete || row.ids.length >= plan.maxLength() ? row.ids.length : 0;
            }
        }
        return batch.stream().anyMatch(Row::open);
    }

    /** Moving rows costs about as much as a few tokens, so that it waits until a quarter has ended. */
    private List<Row> withoutEnded() {
        long[] open = IntStream.range(0, batch.size())
                .filter(i -> batch.get(i).open())
                .asLongStream()
                .toArray();
        if (plan.keepsRows() || open.length > batch.size() * 3 / 4) {
            return batch;
        }
        Scopes.run(() -> decoding.reorder(Tensors.ofLongs(open, open.length)));
        return LongStream.of(open).mapToObj(i -> batch.get((int) i)).toList();
    }

    private long[][] ids() {
        return batch.stream().map(row -> row.ids).toArray(long[][]::new);
    }

    /** What there is so far: per prompt its sequences. */
    List<List<Continuation>> continuations() {
        return IntStream.range(0, prompt_BS.length)
                .mapToObj(i -> rows.subList(i * copies, (i + 1) * copies).stream().map(this::continuation).toList())
                .toList();
    }

    private Continuation continuation(Row row) {
        int length = row.open() ? row.ids.length : row.length;
        int[] added = IntStream.range(plan.promptLength(), length).map(i -> (int) row.ids[i]).toArray();
        return new Continuation(added, OptionalDouble.empty(), row.complete);
    }
}
