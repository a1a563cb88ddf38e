package org.jformers.server;

import org.bytedeco.javacpp.Pointer;

/**
 * What a process holds when nothing is at work.
 *
 * @param tensors native objects
 * @param heap bytes of Java objects that somebody still knows
 */
record Resident(long tensors, long heap) {
    static Resident now() {
        long heap = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            heap = Math.min(heap, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return new Resident(Pointer.totalCount(), heap);
    }
}
