package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.attention.AttentionContext;
import org.jformers.nn.attention.AttentionOutput;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.BothMask;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.EitherMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Visibility;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;

/**
 * What every mask keeps: its tensors mean what its words mean for two single positions, its shortcut is true, it
 * compares and prints as data, and attention under it looks nowhere else.
 */
public abstract class MaskContract {
    private static final int HEADS = 2;
    private static final int HEAD_DIM = 3;
    private static final int WIDTH = HEADS * HEAD_DIM;

    private final int positions;

    /** @param positions how many positions the mask is tried with */
    protected MaskContract(int positions) {
        this.positions = positions;
    }

    /** A new mask, equal to the one before. */
    protected abstract Mask mask();

    /** What the mask says in words: whether a query at one position may attend to a key at another. */
    protected abstract boolean sees(int query, int key);

    @Test
    final void meansForTensorsWhatItMeansForPositions() {
        Scopes.run(() -> {
            for (int first = 0; first < positions; first++) {
                assertThat(allowed(mask(), first)).hasValuesOf(expected(first));
            }
        });
    }

    /** Queries from {@code first} on, all keys: with first above 0 this is a cache, or Transformer-XL's memory. */
    private Tensor allowed(Mask mask, int first) {
        Tensor query_T1 = Tensors.range(first, positions).unsqueeze(1);
        Tensor key_1S = Tensors.range(0, positions).unsqueeze(0);
        return mask.allow(query_T1, key_1S).expand(positions - first, positions).to(ScalarType.Long);
    }

    private Tensor expected(int first) {
        long[][] expected = new long[positions - first][positions];
        for (int query = first; query < positions; query++) {
            for (int key = 0; key < positions; key++) {
                expected[query - first][key] = sees(query, key) ? 1 : 0;
            }
        }
        return Tensors.ofLongs(expected);
    }

    @Test
    final void allowsAllOnlyWhereItAllowsEverything() {
        for (int first = 0; first < positions; first++) {
            for (int queries = 1; first + queries <= positions; queries++) {
                for (int keys = 1; keys <= positions; keys++) {
                    boolean all = true;
                    for (int query = first; query < first + queries; query++) {
                        for (int key = 0; key < keys; key++) {
                            all &= sees(query, key);
                        }
                    }
                    if (mask().allowsAll(first, queries, keys)) {
                        assertThat(all).as("queries %d to %d, %d keys", first, first + queries - 1, keys).isTrue();
                    }
                }
            }
        }
    }

    @Test
    final void joinsWithOtherMasks() {
        Scopes.run(() -> {
            Tensor own = allowed(mask(), 0);
            Tensor causal = allowed(new CausalMask(), 0);
            Tensor both = own.mul(causal);
            Tensor either = own.add(causal).clamp_max(new Scalar(1L));
            assertThat(allowed(mask().and(new CausalMask()), 0)).hasValuesOf(both);
            assertThat(allowed(new CausalMask().and(mask()), 0)).hasValuesOf(both);
            assertThat(allowed(mask().or(new CausalMask()), 0)).hasValuesOf(either);
            assertThat(allowed(new CausalMask().or(mask()), 0)).hasValuesOf(either);
            assertThat(allowed(mask().and(new FullMask()), 0)).hasValuesOf(own);
        });
        assertThat(mask().and(new CausalMask())).isEqualTo(new BothMask(mask(), new CausalMask()));
        assertThat(mask().or(new CausalMask())).isEqualTo(new EitherMask(mask(), new CausalMask()));
    }

    @Test
    final void comparesAndPrintsAsData() {
        assertThat(mask()).isEqualTo(mask()).hasSameHashCodeAs(mask()).hasToString(mask().toString());
        assertThat(mask().toString()).startsWith(mask().getClass().getSimpleName() + "[").doesNotContain("@");
    }

    @Test
    final void attentionLooksNowhereElse() {
        Scopes.run(() -> {
            Visibility visibility = Visibility.of(0, positions, positions, BatchMasks.NONE);
            try (SelfAttention attention = attention()) {
                Tensor x_BTC = x();
                Allowed allowed = visibility.prepare(mask(), ScalarType.Float);
                AttentionOutput output;
                try (NoGrad noGrad = new NoGrad()) {
                    output = attention.forward(x_BTC, context(allowed, true));
                    Tensor fused = attention.forward(x_BTC, context(allowed, false)).context();
                    assertThat(fused).isCloseTo(output.context(), Tolerance.FLOAT32);
                }
                Tensor looks = output.weights().orElseThrow().gt(new Scalar(0)).to(ScalarType.Long);
                for (int head = 0; head < HEADS; head++) {
                    assertThat(looks.select(0, 0).select(0, head)).hasValuesOf(looked());
                }
            }
        });
    }

    /** A query that may see nothing looks at everything alike. */
    private Tensor looked() {
        Tensor sees_TS = expected(0);
        return sees_TS.add(sees_TS.sum(1).eq(new Scalar(0L)).unsqueeze(1));
    }

    @Test
    final void queriesThatSeeNothingGetTheMeanOfAllValuesAndFiniteGradients() {
        Scopes.run(() -> {
            // Padding everywhere: no row sees anything.
            Tensor none_BS = Tensors.ofLongs(new long[1][positions]).to(ScalarType.Bool);
            Visibility visibility = Visibility.of(0, positions, positions, BatchMasks.ofReal(Optional.of(none_BS)));
            try (SelfAttention attention = attention()) {
                Tensor x_BTC = x().set_requires_grad(true);
                Allowed allowed = visibility.prepare(mask(), ScalarType.Float);
                for (boolean weights : new boolean[] {true, false}) {
                    Tensor y_BTC = attention.forward(x_BTC, context(allowed, weights)).context();
                    Tensor mean_1TC = attention.forward(x_BTC.mean(1).unsqueeze(1).expand_as(x_BTC),
                            context(Allowed.EVERYTHING, weights)).context();
                    assertThat(y_BTC).isCloseTo(mean_1TC, Tolerance.FLOAT32);
                    y_BTC.square().sum().backward();
                    attention.tensors().values().forEach(tensor -> assertThat(tensor.grad()).isFinite());
                    assertThat(x_BTC.grad()).isFinite();
                }
            }
        });
    }

    private Tensor x() {
        Seeds.seed(2);
        Tensor x_BTC = Tensors.empty(ScalarType.Float, 1, positions, WIDTH);
        Tensors.fillNormal(x_BTC, 0, 1);
        return x_BTC;
    }

    private static AttentionContext context(Allowed allowed, boolean wantWeights) {
        return new AttentionContext(allowed, Optional.empty(), Optional.empty(), Optional.empty(), wantWeights);
    }

    private SelfAttention attention() {
        SelfAttention attention = SelfAttention.Spec.of(WIDTH, HEADS, HEAD_DIM, mask())
                .withWeights(new AttentionWeights(0.5, 0)).build();
        try (NoGrad noGrad = new NoGrad()) {
            attention.tensors().values().forEach(tensor -> Tensors.fillNormal(tensor, 0, 0.5));
        }
        return attention;
    }
}
