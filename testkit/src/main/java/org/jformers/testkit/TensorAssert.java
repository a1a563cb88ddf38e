package org.jformers.testkit;

import org.assertj.core.api.AbstractAssert;
import org.bytedeco.pytorch.Tensor;

/** Assertions on tensors; a failure says how large the error is, where, both values and the shapes. */
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {

    private TensorAssert(Tensor actual) {
        super(actual, TensorAssert.class);
    }

    /** Begins an assertion. */
    public static TensorAssert assertThat(Tensor actual) {
        return new TensorAssert(actual);
    }

    /** Every element is within the tolerance of the expected one; a value that is no number never is. */
    public TensorAssert isCloseTo(Tensor expected, Tolerance tolerance) {
        isNotNull();
        Difference difference = Difference.between(actual, expected, tolerance);
        if (!difference.accepted()) {
            failWithMessage("%s; tolerance %s", difference.describe(), tolerance);
        }
        return this;
    }

    /** Every element equals the expected one. */
    public TensorAssert hasValuesOf(Tensor expected) {
        return isCloseTo(expected, Tolerance.EXACT);
    }

    /** Some element is beyond the tolerance of the expected one, in a tensor of the same shape. */
    public TensorAssert differsFrom(Tensor expected, Tolerance tolerance) {
        isNotNull();
        Difference difference = Difference.between(actual, expected, tolerance);
        hasShape(expected.shape());
        if (difference.beyond() == 0) {
            failWithMessage("expected a difference beyond %s, but %s", tolerance, difference.describe());
        }
        return this;
    }

    /** The shape is exactly this. */
    public TensorAssert hasShape(long... shape) {
        isNotNull();
        objects.assertEqual(info, actual.shape(), shape);
        return this;
    }

    /** No element is infinite or not a number. */
    public TensorAssert isFinite() {
        isNotNull();
        if (!actual.isfinite().all().item_bool()) {
            failWithMessage("expected finite values, %s are not",
                    actual.isfinite().logical_not().sum().item_long());
        }
        return this;
    }
}
