package org.jformers.testkit;

/**
 * How far a number may be from the expected one: {@code absolute + relative * |expected|}.
 *
 * @param absolute part that does not depend on the expected number
 * @param relative part that grows with it
 */
public record Tolerance(double absolute, double relative) {
    /** No difference at all. */
    public static final Tolerance EXACT = new Tolerance(0, 0);
    /** What two float32 computations of the same small formula may differ by, on CPU. */
    public static final Tolerance FLOAT32 = new Tolerance(2e-5, 1e-4);

    public Tolerance {
        if (!(absolute >= 0 && relative >= 0)) {
            throw new IllegalArgumentException(
                    "tolerance: got absolute " + absolute + ", relative " + relative + ", allowed >= 0 each");
        }
    }

    /** The distance between two numbers; infinite if one of them is not a number. */
    public static double error(double got, double expected) {
        if (got == expected) {
            return 0;
        }
        double error = Math.abs(got - expected);
        return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
    }

    /** Whether {@code got} is close enough; numbers that are no numbers never are. */
    public boolean accepts(double got, double expected) {
        double error = error(got, expected);
        return error == 0 || error <= absolute + relative * Math.abs(expected) && error != Double.POSITIVE_INFINITY;
    }
}
