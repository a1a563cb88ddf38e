package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NoGradTest {

    @Test
    void recordsAgainOnceClosed() {
        assertRecordsAgain();
    }

    @Test
    void recordsAgainOnceClosedInsideAScope() {
        Scopes.run(NoGradTest::assertRecordsAgain);
    }

    @Test
    void nests() {
        try (NoGrad outer = new NoGrad()) {
            try (NoGrad inner = new NoGrad()) {
                assertThat(recording()).isFalse();
            }
            assertThat(recording()).isFalse();
        }
        assertThat(recording()).isTrue();
    }

    private static void assertRecordsAgain() {
        assertThat(recording()).isTrue();
        try (NoGrad noGrad = new NoGrad()) {
            assertThat(recording()).isFalse();
        }
        assertThat(recording()).isTrue();
    }

    private static boolean recording() {
        return Scopes.get(() -> Tensors.ofFloats(new float[] {1}, 1).set_requires_grad(true).mul(
                Tensors.constant(2)).requires_grad());
    }
}
