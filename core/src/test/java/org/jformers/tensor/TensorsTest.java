package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

final class TensorsTest {

    @Test
    void arraysComeBackAsTheyWere() {
        assertThat(Tensors.toLongs(Tensors.ofLongs(new long[][] {{1, -2, 3}, {4, 5, Long.MAX_VALUE}})))
                .containsExactly(1, -2, 3, 4, 5, Long.MAX_VALUE);
        assertThat(Tensors.toFloats(Tensors.ofFloats(new float[] {1.5f, -0.25f}, 2, 1))).containsExactly(1.5f, -0.25f);
        assertThat(Tensors.toFloats(Tensors.ofLongs(new long[] {1, 2, 3, 4}, 2, 2).transpose(0, 1)))
                .containsExactly(1, 3, 2, 4);
        assertThat(Tensors.toLongs(Tensors.range(-2, 2))).containsExactly(-2, -1, 0, 1);
    }

    @Test
    void arraysMayBeEmpty() {
        assertThat(Tensors.toLongs(Tensors.ofLongs(new long[0], 0, 3))).isEmpty();
        assertThat(Tensors.toFloats(Tensors.ofFloats(new float[0], 0))).isEmpty();
        assertThat(Tensors.ofLongs(new long[][] {{}, {}}).shape()).containsExactly(2, 0);
        assertThat(Tensors.toLongs(Tensors.range(3, 3))).isEmpty();
    }

    @Test
    void refusesRowsOfUnequalLength() {
        assertThatThrownBy(() -> Tensors.ofLongs(new long[][] {{1, 2}, {3}})).isInstanceOf(ShapeException.class)
                .hasMessageContaining("expected 2 values in row 1, got 1");
    }

    @Test
    void shapesAreNamedInErrors() {
        Tensor tensor = Tensors.empty(ScalarType.Float, 2, 3);
        Shapes.require("x", tensor, 2, -1);
        assertThatThrownBy(() -> Shapes.require("x", tensor, 2, 4)).isInstanceOf(ShapeException.class)
                .hasMessage("x: expected [2, 4], got [2, 3]");
        assertThatThrownBy(() -> Shapes.require("x", tensor, 2, 3, 1)).isInstanceOf(ShapeException.class);
    }

    @Test
    void idsAreCheckedAgainstTheTable() {
        Shapes.requireIds("ids", Tensors.ofLongs(new long[] {0, 4}, 2), 5);
        Shapes.requireIds("ids", Tensors.ofLongs(new long[0], 0), 5);
        assertThatThrownBy(() -> Shapes.requireIds("ids", Tensors.ofLongs(new long[] {0, 5}, 2), 5))
                .hasMessage("ids: got 5, allowed 0 to 4");
        assertThatThrownBy(() -> Shapes.requireIds("ids", Tensors.ofLongs(new long[] {-1, 5}, 2), 5))
                .hasMessage("ids: got -1, allowed 0 to 4");
    }

    @Test
    void onlyTheResultLeavesAScope() {
        Scopes.run(() -> {
            long before = Pointer.totalCount();
            Tensor kept = Scopes.scoped(() -> Tensors.range(0, 3).add(Tensors.range(1, 4)).neg());
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before + 1);
            assertThat(Tensors.toLongs(kept)).containsExactly(-1, -3, -5);
        });
    }

    @Test
    void whatIsKeptOutlivesItsScope() {
        Tensor[] kept = new Tensor[1];
        Scopes.run(() -> kept[0] = Scopes.keep(Tensors.range(0, 3)));
        assertThat(Tensors.toLongs(kept[0])).containsExactly(0, 1, 2);
        kept[0].close();
        assertThat(kept[0].isNull()).isTrue();
    }

    @Test
    void theGeneratorsStateCanBeTakenAlong() {
        Scopes.run(() -> {
            Seeds.seed(9);
            Tensor state = Seeds.state();
            Tensor first = Tensors.empty(ScalarType.Float, 4);
            Tensors.fillNormal(first, 0, 1);
            Tensor second = Tensors.empty(ScalarType.Float, 4);
            Tensors.fillNormal(second, 0, 1);
            Seeds.restore(state);
            Tensor again = Tensors.empty(ScalarType.Float, 4);
            Tensors.fillNormal(again, 0, 1);
            assertThat(again.equal(first)).isTrue();
            assertThat(again.equal(second)).isFalse();
        });
    }
}
