package org.jformers.cli.sample.tensor;

import org.bytedeco.javacpp.Pointer;

/** Breaks nothing: the one class that may. */
final class Scopes {
    static void keep(Pointer pointer) {
        pointer.retainReference();
    }
}
