package org.jformers.model.kind;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Decoding;
import org.jformers.model.ModelInputs;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.CachedRow;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.attention.RowState;
import org.jformers.nn.feedforward.SwitchedExperts;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.Continued;
import org.jformers.nn.stack.Stack;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Decoding with keys and values in a cache. The tokens of all rows are put one behind the other into one pass, so that
 * prompts in parts and single tokens mix and nothing is padded: maps of tokens see one long row, and attention looks up
 * whose each token is. Where tokens of a row are not alone with themselves in other layers than attention, rows of one
 * length are a batch.
 *
 * <p>Dimensions: T tokens in all, C width, M vectors of a memory, V vocabulary.
 */
final class CachedDecoding implements Decoding {
    private final Stack stack;
    private final UnaryOperator<Tensor> logits;
    private final Optional<Function<ModelInputs, List<Tensor>>> memories;
    private final boolean mixes;
    private final boolean steady;
    private final KeyValueCache cache;
    private final Map<Integer, CachedRow> rows = new HashMap<>();
    private int next;

    /**
     * @param logits scores of states
     * @param memories what rows read besides, [1, M, C] for each row that begins, in the caller's scope
     */
    CachedDecoding(
            Stack stack, CacheKind kind, UnaryOperator<Tensor> logits,
            Optional<Function<ModelInputs, List<Tensor>>> memories) {
        this.stack = stack;
        this.logits = logits;
        this.memories = memories;
        mixes = mixesTokens(stack.spec());
        steady = steadyPositions(stack.spec());
        cache = stack.newCache(kind);
    }

    @Override
    public int[] begin(ModelInputs prompt, int count) {
        int[] begun = new int[count];
        Scopes.run(() -> {
            Optional<List<Tensor>> read = memories.map(source -> source.apply(prompt));
            for (int i = 0; i < count; i++) {
                CachedRow row = cache.add();
                begun[i] = number(row);
                if (read.isPresent()) {
                    stack.remember(row, read.get().get(i));
                }
            }
        });
        return begun;
    }

    private int number(CachedRow row) {
        rows.put(next, row);
        return next++;
    }

    private CachedRow row(int row) {
        return Objects.requireNonNull(rows.get(row));
    }

    @Override
    public int recall(int row, int[] tokens) {
        return alike() ? row(row).recall(tokens) : 0;
    }

    /** Whether what is kept of a token depends on the tokens before it in its row, and on nothing else. */
    private boolean alike() {
        return memories.isEmpty() && steady && !mixes;
    }

    @Override
    public RowState state(int row) {
        return cache.state(row(row));
    }

    @Override
    public void restore(int row, RowState state, int[] tokens) {
        CachedRow begun = row(row);
        if (alike()) {
            begun.reads(tokens);
        }
        cache.restore(begun, state, tokens.length);
    }

    @Override
    public int fork(int row) {
        return number(cache.fork(row(row)));
    }

    @Override
    public void end(int row) {
        cache.remove(rows.remove(row));
    }

    @Override
    public void truncate(int row, long length) {
        cache.truncate(row(row), length);
    }

    @Override
    public boolean inParts() {
        return steady;
    }

    @Override
    public Tensor read(List<Reading> readings) {
        if (readings.size() == 1) {
            return pass(readings, false);
        }
        Collection<List<Reading>> groups = groups(readings);
        if (groups.size() == 1) {
            return pass(readings, !mixes);
        }
        Tensor[] scores = new Tensor[readings.size()];
        return Scopes.scoped(() -> {
            for (List<Reading> group : groups) {
                Tensor all = pass(group, false);
                long from = 0;
                for (Reading one : group) {
                    scores[readings.indexOf(one)] = all.narrow(0, from, one.scored());
                    from += one.scored();
                }
            }
            return Tensors.cat(0, scores);
        });
    }

    /** Those that may be one pass. */
    private Collection<List<Reading>> groups(List<Reading> readings) {
        if (!steady) {
            return readings.stream().map(List::of).toList();
        }
        if (!mixes) {
            return List.of(readings);
        }
        Map<List<Long>, List<Reading>> alike = new LinkedHashMap<>();
        for (Reading one : readings) {
            alike.computeIfAbsent(
                    List.of((long) one.tokens().length, row(one.row()).length()),
                    key -> new ArrayList<>()).add(one);
        }
        return alike.values();
    }

    /** @param inLine whether rows stand one behind the other, rather than below each other */
    private Tensor pass(List<Reading> readings, boolean inLine) {
        return Scopes.scoped(() -> {
            int[] lengths = readings.stream().mapToInt(one -> one.tokens().length).toArray();
            List<CachedRow> read = readings.stream().map(one -> rows.get(one.row())).toList();
            if (alike()) {
                readings.forEach(one -> row(one.row()).reads(one.tokens()));
            }
            long[] ids = readings.stream().flatMapToInt(one -> IntStream.of(one.tokens())).asLongStream().toArray();
            long batch = inLine ? 1 : readings.size();
            StackInput in = StackInput.of(Tensors.ofLongs(ids, batch, ids.length / batch))
                    .withPositions(inLine ? Optional.of(positions(read, lengths)) : Optional.empty())
                    .withContinued(Optional.of(inLine
                            ? Continued.ofLine(read, lengths)
                            : Continued.ofBatch(read, lengths[0])));
            Tensor hidden_TC = stack.forward(in, Capture.nothing()).flatten(0, 1);
            if (readings.stream().allMatch(one -> one.scored() == 0)) {
                return Tensors.empty(ScalarType.Float, 0, 1);
            }
            return logits.apply(scored(hidden_TC, readings)).to(ScalarType.Float);
        });
    }

    /** Whether something but attention mixes the tokens of a row, so that only its own may be in it. */
    private static boolean mixesTokens(Stack.Spec spec) {
        return spec.blocks().stream().anyMatch(block ->
                block.convolution().isPresent() || block.feedForward() instanceof SwitchedExperts.Spec);
    }

    /** Whether a position means the same in texts of all lengths. */
    private static boolean steadyPositions(Stack.Spec spec) {
        return spec.blocks().stream().allMatch(block -> block.attention().rope()
                .map(rope -> rope.scaling().steadyLength() == Long.MAX_VALUE).orElse(true));
    }

    private Tensor positions(List<CachedRow> read, int[] lengths) {
        long[] positions = new long[Arrays.stream(lengths).sum()];
        int i = 0;
        for (int row = 0; row < lengths.length; row++) {
            long seen = read.get(row).length() + stack.input().firstPosition();
            for (int t = 0; t < lengths[row]; t++) {
                positions[i++] = seen + t;
            }
        }
        return Tensors.ofLongs(positions, 1, positions.length);
    }

    /** The states of tokens that are to be scored. */
    private static Tensor scored(Tensor hidden_TC, List<Reading> readings) {
        int count = readings.stream().mapToInt(Reading::scored).sum();
        if (count == hidden_TC.size(0)) {
            return hidden_TC;
        }
        if (readings.size() == 1) {
            return hidden_TC.narrow(0, hidden_TC.size(0) - count, count);
        }
        long[] places = new long[count];
        int i = 0;
        int end = 0;
        for (Reading one : readings) {
            end += one.tokens().length;
            for (int t = one.scored(); t > 0; t--) {
                places[i++] = end - t;
            }
        }
        return Tensors.pick(hidden_TC, 0, Tensors.ofLongs(places, count));
    }

    @Override
    public void close() {
        cache.close();
        rows.clear();
    }
}
