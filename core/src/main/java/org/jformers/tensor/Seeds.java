package org.jformers.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The process's random generator: seeding it, and taking its state along in a checkpoint. */
public final class Seeds {
    private Seeds() {}

    /** Seeds the generator; the numbers that follow are those of Python's {@code torch.manual_seed}. */
    public static void seed(long seed) {
        torch.manual_seed(seed);
    }

    /** The next number from [0, 1). */
    public static double uniform() {
        return Scopes.get(() -> torch.rand(1).item_double());
    }

    /** The generator's state, a uint8 tensor of the caller's scope. */
    public static Tensor state() {
        return torch.getDefaultCPUGenerator().get_state();
    }

    /** Sets the generator to a state that {@link #state} returned. */
    public static void restore(Tensor state) {
        // The engine reads the state as aligned words and dies where it lies at an odd place, as in a mapped file.
        Scopes.run(() -> torch.getDefaultCPUGenerator().set_state(state.clone()));
    }
}
