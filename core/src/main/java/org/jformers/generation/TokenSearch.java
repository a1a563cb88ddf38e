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
    private final int copies;
    private final boolean drawn;
    private final long filler;
    private final Optional<TokenListener> listener;

    TokenSearch(Plan plan, Sampler sampler, GenerationConfig config, Optional<TokenListener> listener) {
        this.plan = plan;
        this.sampler = sampler;
        copies = config.numReturnSequences();
        drawn = config.doSample();
        filler = Generator.padding(config);
        this.listener = listener;
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

    List<List<Continuation>> run(long[][] prompt_BS, Decoding decoding) {
        List<Row> rows = Arrays.stream(prompt_BS)
                .flatMap(prompt -> IntStream.range(0, copies).mapToObj(copy -> new Row(prompt)))
                .toList();
        append(rows, Scopes.get(() -> choose(rows, Generator.first(decoding, prompt_BS, copies))));
        List<Row> batch = rows;
        while (batch.stream().anyMatch(Row::open)) {
            List<Row> reading = withoutEnded(batch, decoding);
            append(reading, Scopes.get(() -> choose(reading, Generator.next(decoding, ids(reading)))));
            batch = reading;
        }
        return IntStream.range(0, prompt_BS.length)
                .mapToObj(i -> rows.subList(i * copies, (i + 1) * copies).stream().map(this::continuation).toList())
                .toList();
    }

    private long[] choose(List<Row> rows, Tensor scores_BV) {
        Tensor processed_BV = plan.process(ids(rows), scores_BV);
        Scores.require(processed_BV, drawn, rows.get(0).ids.length - plan.promptLength() + 1);
        return Tensors.toLongs(sampler.choose(processed_BV, 1));
    }

    private void append(List<Row> rows, long[] chosen) {
        for (int i = 0; i < chosen.length; i++) {
            Row row = rows.get(i);
            long token = row.open() ? chosen[i] : filler;
            row.ids = Arrays.copyOf(row.ids, row.ids.length + 1);
            row.ids[row.ids.length - 1] = token;
            if (row.open()) {
                listener.ifPresent(hears -> hears.token((int) token));
                row.complete = plan.complete(row.ids);
                row.length = row.complete || row.ids.length >= plan.maxLength() ? row.ids.length : 0;
            }
        }
    }

    /** Moving rows costs about as much as a few tokens, so that it waits until a quarter has ended. */
    private List<Row> withoutEnded(List<Row> batch, Decoding decoding) {
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

    private static long[][] ids(List<Row> rows) {
        return rows.stream().map(row -> row.ids).toArray(long[][]::new);
    }

    private Continuation continuation(Row row) {
        int[] added = IntStream.range(plan.promptLength(), row.length).map(i -> (int) row.ids[i]).toArray();
        return new Continuation(added, OptionalDouble.empty(), row.complete);
    }
}
