package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class DifferenceTest {
    private static final Tolerance TENTH = new Tolerance(0.1, 0);

    @Test
    void saysHowFarWhereAndBothValues() {
        Tensor got = Tensors.ofFloats(new float[] {1, 2, 3, 4.5f, 5, 6}, 2, 3);
        Tensor expected = Tensors.ofFloats(new float[] {1, 2, 3, 4, 5.25f, 6}, 2, 3);

        assertThatThrownBy(() -> TensorAssert.assertThat(got).isCloseTo(expected, TENTH))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("max error 0.50 at [1, 0] (got 4.50000000, expected 4.00000000)")
                .hasMessageContaining("2 of 6 values beyond the tolerance, shape [2, 3]");
        TensorAssert.assertThat(got).differsFrom(expected, TENTH);
    }

    @Test
    void toleranceGrowsWithTheExpectedValue() {
        Tolerance percent = new Tolerance(0, 0.01);
        assertThat(percent.accepts(100.9, 100)).isTrue();
        assertThat(percent.accepts(1.02, 1)).isFalse();
        assertThat(percent.accepts(-100.9, -100)).isTrue();
    }

    @Test
    void neverAcceptsWhatIsNoNumber() {
        Tensor nan = Tensors.ofFloats(new float[] {Float.NaN}, 1);
        Tensor infinite = Tensors.ofFloats(new float[] {Float.POSITIVE_INFINITY}, 1);
        Tensor one = Tensors.ofFloats(new float[] {1}, 1);
        Tolerance generous = new Tolerance(1e30, 1e30);

        assertThat(Difference.between(nan, one, generous).accepted()).isFalse();
        assertThat(Difference.between(nan, nan, generous).accepted()).isFalse();
        assertThat(Difference.between(one, infinite, generous).accepted()).isFalse();
        assertThat(Difference.between(infinite, infinite, generous).accepted()).isTrue();
        assertThatThrownBy(() -> TensorAssert.assertThat(nan).isFinite()).isInstanceOf(AssertionError.class);
    }

    @Test
    void neverAcceptsAnotherShape() {
        Tensor row = Tensors.ofFloats(new float[] {1, 2}, 1, 2);
        Tensor column = Tensors.ofFloats(new float[] {1, 2}, 2, 1);

        assertThat(Difference.between(row, column, TENTH).describe()).isEqualTo("shape [1, 2], expected [2, 1]");
        assertThat(Difference.between(row, column, TENTH).accepted()).isFalse();
        assertThatThrownBy(() -> TensorAssert.assertThat(row).hasShape(2, 1)).isInstanceOf(AssertionError.class);
    }

    @Test
    void leavesOutPositionsWithoutADefinedValue() {
        Tensor got = Tensors.ofFloats(new float[] {9, 9, 1, 1, 1, 1, 9, 9}, 2, 2, 2);
        Tensor expected = Tensors.ofFloats(new float[] {0, 0, 1, 1, 1, 1, 0, 0}, 2, 2, 2);
        Rows rows = Rows.where(Tensors.ofLongs(new long[][] {{0, 1}, {1, 0}}));

        Difference difference =
                Difference.between(got, expected, Tolerance.EXACT, index -> rows.count(index, 1));

        assertThat(difference.accepted()).isTrue();
        assertThat(difference.compared()).isEqualTo(4);
        assertThat(Difference.between(got, expected, Tolerance.EXACT, index -> rows.count(index, 2)).accepted())
                .isFalse();
    }

    @Test
    void comparingNothingIsNoSuccess() {
        Tensor one = Tensors.ofFloats(new float[] {1}, 1, 1);
        assertThat(Difference.between(one, one, TENTH, index -> false).accepted()).isFalse();
    }

    @Test
    void findsHandlesThatStay() {
        java.util.List<Tensor> kept = new java.util.ArrayList<>();
        assertThatThrownBy(() -> Handles.assertNoGrowth(() ->
                        kept.add(org.jformers.tensor.Scopes.keep(Tensors.ofFloats(new float[] {1}, 1)))))
                .isInstanceOf(AssertionError.class);
        kept.forEach(Tensor::close);
        Handles.assertNoGrowth(() -> Tensors.ofFloats(new float[] {1}, 1));
    }
}
