package org.jformers.cli.sample.nn;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** May name the engine, but changes lifetimes. */
public final class NamesEngine {
    static void keeps(Tensor tensor) {
        tensor.retainReference();
    }

    static void moves(PointerScope scope, Tensor tensor) {
        scope.attach(tensor);
    }

    static void frees(PointerScope scope, Tensor tensor) {
        scope.detach(tensor);
    }

    static Tensor leavesTheGraph(Tensor tensor) {
        return tensor.detach();
    }
}
