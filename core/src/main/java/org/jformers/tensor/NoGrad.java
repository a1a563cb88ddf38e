package org.jformers.tensor;

import org.bytedeco.pytorch.NoGradGuard;

/** Turns the recording of gradients off for this thread, until closed. Use in try-with-resources. */
public final class NoGrad implements AutoCloseable {
    private final NoGradGuard guard = Scopes.keep(new NoGradGuard());

    @Override
    public void close() {
        guard.close();
    }
}
