package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.attention.AttentionContext;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.CachedRow;
import org.jformers.nn.attention.HeadShape;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.attention.LayerCache;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.Bias;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.Documents;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Sight;
import org.jformers.nn.mask.SlidingWindowMask;
import org.jformers.nn.mask.Span;
import org.jformers.nn.mask.TwoSidedWindowMask;
import org.jformers.nn.mask.Visibility;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention in pieces is attention under one matrix of all queries and keys, forward and backward. */
final class AttentionPiecesTest {
    private static final int LENGTH = 650;
    private static final int WIDTH = 8;
    private static final Mask CAUSAL_WINDOW = new CausalMask().and(new SlidingWindowMask(20));
    private static final Tolerance SAME = new Tolerance(1e-5, 1e-5);

    static Stream<Arguments> cases() {
        BatchMasks right = real(0, 400);
        BatchMasks left = real(250, LENGTH);
        BatchMasks documents = BatchMasks.NONE.withDocuments(Documents.of(numbers(300, 20, 45, 285)));
        return Stream.of(
                Arguments.of(new CausalMask(), BatchMasks.NONE, Sight.Causal.class),
                Arguments.of(new CausalMask(), left, Sight.Window.class),
                Arguments.of(CAUSAL_WINDOW, BatchMasks.NONE, Sight.Window.class),
                Arguments.of(CAUSAL_WINDOW, right, Sight.Window.class),
                Arguments.of(CAUSAL_WINDOW, left, Sight.Window.class),
                Arguments.of(new TwoSidedWindowMask(30), BatchMasks.NONE, Sight.Window.class),
                Arguments.of(new TwoSidedWindowMask(30), right, Sight.Window.class),
                Arguments.of(new FullMask(), documents, Sight.Segments.class),
                Arguments.of(new CausalMask(), documents, Sight.Segments.class),
                Arguments.of(CAUSAL_WINDOW, documents, Sight.Segments.class));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void piecesAreTheWhole(Mask mask, BatchMasks batch, Class<? extends Sight> kind) {
        Scopes.run(() -> {
            try (SelfAttention attention = attention(mask)) {
                Visibility visibility = Visibility.of(0, LENGTH, LENGTH, batch);
                Allowed allowed = visibility.prepare(mask, ScalarType.Float);
                assertThat(allowed.sight()).isInstanceOf(kind);
                Allowed whole = whole(mask, batch);
                Tensor seeing_BT1 = allow(mask, batch).any(-1).squeeze(1).unsqueeze(2);
                Map<String, Tensor> expected = gradients(attention, whole, seeing_BT1);
                gradients(attention, allowed, seeing_BT1).forEach((name, value) ->
                        assertThat(value).as(name).isCloseTo(expected.get(name), SAME));
                try (NoGrad noGrad = new NoGrad()) {
                    assertThat(run(attention, x(), allowed, false)).isCloseTo(expected.get("output"), SAME);
                    assertThat(run(attention, x(), allowed, true)).isCloseTo(expected.get("output"), SAME);
                    attention.train(true);
                    assertThat(run(attention, x(), allowed, false)).isCloseTo(expected.get("output"), SAME);
                }
            }
        });
    }

    @Test
    void aCacheIsReadInPieces() {
        Scopes.run(() -> {
            for (Mask mask : List.of(CAUSAL_WINDOW, new CausalMask())) {
                try (SelfAttention attention = attention(mask);
                        NoGrad noGrad = new NoGrad();
                        KeyValueCache cache = new KeyValueCache(1)) {
                    List<Tensor> parts = new ArrayList<>();
                    long seen = 0;
                    for (long length : new long[] {40, LENGTH - 41, 1}) {
                        List<CachedRow> rows =
                                seen == 0 ? List.of(cache.add(), cache.add()) : List.copyOf(cache.rows());
                        rows.forEach(row -> row.prepare(length));
                        Allowed allowed = Visibility.of(seen, length, seen + length, BatchMasks.NONE)
                                .prepare(mask, ScalarType.Float);
                        List<LayerCache.Part> places = IntStream.range(0, 2).mapToObj(i -> new LayerCache.Part(
                                new LayerCache.Place(rows.get(i), new Span(i, 1), new Span(0, length)), allowed,
                                Allowed.EVERYTHING)).toList();
                        parts.add(attention.forward(x().narrow(1, seen, length), new AttentionContext(
                                Allowed.EVERYTHING, Optional.empty(), Optional.empty(),
                                Optional.of(new LayerCache(0, places)), false)).context());
                        rows.forEach(CachedRow::finish);
                        seen += length;
                    }
                    Tensor whole = run(attention, x(), whole(mask, BatchMasks.NONE), false);
                    assertThat(Tensors.cat(1, parts.toArray(Tensor[]::new))).isCloseTo(whole, SAME);
                }
            }
        });
    }

    /** So many scores that they are not written out at once where no gradients are recorded. */
    @Test
    void manyScoresAreWrittenOutForSomeQueriesAtATime() {
        long length = 2200;
        Scopes.run(() -> {
            Seeds.seed(2);
            Tensor x_BTC = Tensors.empty(ScalarType.Float, 1, length, WIDTH);
            Tensors.fillNormal(x_BTC, 0, 1);
            BatchMasks prefix = new BatchMasks(Optional.empty(), Optional.empty(),
                    Optional.of(Tensors.ofLongs(new long[] {700}, 1)), Optional.empty());
            AttentionWeights capped = new AttentionWeights(1, Optional.of(3.0), 0);
            for (Mask mask : List.of(new FullMask(), new CausalMask())) {
                try (SelfAttention attention = filled(spec(mask).withWeights(capped))) {
                    for (BatchMasks batch : List.of(BatchMasks.NONE, prefix)) {
                        Allowed allowed = Visibility.of(0, length, length, batch).prepare(mask, ScalarType.Float);
                        Tensor together = run(attention, x_BTC, allowed, false).detach();
                        try (NoGrad noGrad = new NoGrad()) {
                            assertThat(run(attention, x_BTC, allowed, false)).isCloseTo(together, SAME);
                        }
                    }
                }
            }
        });
    }

    /** The loss, the output and the gradients, by name. */
    private static Map<String, Tensor> gradients(SelfAttention attention, Allowed allowed, Tensor seeing_BT1) {
        attention.tensors().values().forEach(tensor -> tensor.mutable_grad().reset());
        Tensor x_BTC = x().set_requires_grad(true);
        Tensor y_BTC = run(attention, x_BTC, allowed, false);
        // What queries get that see nothing is given, not learned: in a matrix of its own their scores would take part.
        y_BTC.square().mul(seeing_BT1).mean().backward();
        Map<String, Tensor> found = new LinkedHashMap<>();
        found.put("output", y_BTC.detach());
        found.put("input", x_BTC.grad());
        attention.tensors().forEach((name, tensor) -> found.put(name, tensor.grad().clone()));
        return found;
    }

    private static Tensor run(SelfAttention attention, Tensor x_BTC, Allowed allowed, boolean wantWeights) {
        return attention.forward(x_BTC, new AttentionContext(
                allowed, Optional.empty(), Optional.empty(), Optional.empty(), wantWeights)).context();
    }

    /** What the masks say, as a matrix of all queries and keys. */
    private static Allowed whole(Mask mask, BatchMasks batch) {
        Tensor bias = allow(mask, batch).logical_not().to(ScalarType.Float).mul(new Scalar(-3e38));
        Span all = new Span(0, LENGTH);
        return new Allowed(new Sight.Dense(new Bias.Whole(bias, all, all)), Optional.empty(), Optional.empty(),
                Optional.empty());
    }

    private static Tensor allow(Mask mask, BatchMasks batch) {
        Tensor place_T = Tensors.range(0, LENGTH);
        Tensor allow = mask.allow(place_T.unsqueeze(1), place_T.unsqueeze(0)).unsqueeze(0).unsqueeze(0);
        if (batch.real().isPresent()) {
            allow = allow.logical_and(batch.real().get().unsqueeze(1).unsqueeze(1));
        }
        if (batch.documents().isPresent()) {
            Tensor number = batch.documents().get().numbers();
            allow = allow.logical_and(number.unsqueeze(2).eq(number.unsqueeze(1)).unsqueeze(1));
        }
        return allow;
    }

    private static BatchMasks real(int from, int to) {
        long[] mask = new long[2 * LENGTH];
        for (int t = 0; t < LENGTH; t++) {
            mask[t] = 1;
            mask[LENGTH + t] = t >= from && t < to ? 1 : 0;
        }
        return BatchMasks.ofReal(Optional.of(Tensors.ofLongs(mask, 2, LENGTH).to(ScalarType.Bool)));
    }

    /** Documents of these lengths in one row, and the same in turn in the other. */
    private static Tensor numbers(int... lengths) {
        long[] numbers = new long[2 * LENGTH];
        int first = 0;
        int second = LENGTH;
        for (int i = 0; i < lengths.length; i++) {
            Arrays.fill(numbers, first, first += lengths[i], i);
            Arrays.fill(numbers, second, second += lengths[lengths.length - 1 - i], i);
        }
        return Tensors.ofLongs(numbers, 2, LENGTH);
    }

    private static Tensor x() {
        Seeds.seed(2);
        Tensor x_BTC = Tensors.empty(ScalarType.Float, 2, LENGTH, WIDTH);
        Tensors.fillNormal(x_BTC, 0, 1);
        return x_BTC;
    }

    private static SelfAttention attention(Mask mask) {
        return filled(spec(mask));
    }

    private static SelfAttention.Spec spec(Mask mask) {
        return SelfAttention.Spec.of(WIDTH, new HeadShape(4, 2, 2), mask);
    }

    private static SelfAttention filled(SelfAttention.Spec spec) {
        SelfAttention attention = spec.build();
        Seeds.seed(3);
        try (NoGrad noGrad = new NoGrad()) {
            attention.tensors().values().forEach(tensor -> Tensors.fillNormal(tensor, 0, 0.5));
        }
        return attention;
    }
}
