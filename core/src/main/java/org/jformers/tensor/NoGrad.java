package org.jformers.tensor;

import org.bytedeco.pytorch.GradMode;

/** Turns the recording of gradients off for this thread, until closed. Use in try-with-resources. */
public final class NoGrad implements AutoCloseable {
    static {
        EngineStart.prepare();
    }

    // The engine's own guard ends when its object is freed, which inside a scope is not when it is closed.
    private final boolean before = GradMode.is_enabled();

    public NoGrad() {
        GradMode.set_enabled(false);
    }

    @Override
    public void close() {
        GradMode.set_enabled(before);
    }
}
