package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
    @ParameterizedTest
    @EnumSource
    void agreesWithTheEngine(DType type) {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = torch.empty(new long[] {3}, new TensorOptions(type.scalarType()), null);
            assertThat(DType.of(tensor)).isEqualTo(type);
            assertThat(tensor.itemsize()).isEqualTo(type.bytes());
            assertThat(torch.isFloatingType(type.scalarType())).isEqualTo(type.isFloatingPoint());
        }
    }

    @Test
    void isFoundByBothNames() {
        assertThat(DType.ofCode("BF16")).contains(DType.BFLOAT16);
        assertThat(DType.ofConfigName("bfloat16")).contains(DType.BFLOAT16);
        assertThat(DType.ofCode("bfloat16")).isEmpty();
    }

    @Test
    void refusesTypesThatNoCheckpointHolds() {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = torch.empty(new long[] {3}, new TensorOptions(torch.ScalarType.ComplexDouble), null);
            assertThatThrownBy(() -> DType.of(tensor)).hasMessageContaining("ComplexDouble");
        }
    }
}
