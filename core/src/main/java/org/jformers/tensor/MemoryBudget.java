package org.jformers.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How many bytes the tensors may take that {@link Tensors} makes on this thread while the budget is open: stops the
 * building of a model whose sizes come from a stranger's file before the memory is gone.
 */
public final class MemoryBudget implements AutoCloseable {
    /** What a tensor takes beside its elements, so that very many empty ones are stopped too. */
    private static final long OVERHEAD = 1024;

    private static final ThreadLocal<MemoryBudget> OPEN = new ThreadLocal<>();

    private final long bytes;
    private final MemoryBudget outer = OPEN.get();
    private long spent;

    /**
     * @param bytes what may be spent until this is closed
     */
    public MemoryBudget(long bytes) {
        this.bytes = bytes;
        OPEN.set(this);
    }

    /** Counts a tensor that is about to be made. */
    static void spend(ScalarType type, long[] shape) {
        MemoryBudget budget = OPEN.get();
        if (budget == null) {
            return;
        }
        try {
            long size = type == ScalarType.Float ? Float.BYTES : Long.BYTES;
            for (long length : shape) {
                size = Math.multiplyExact(size, length);
            }
            budget.spent = Math.addExact(budget.spent, Math.addExact(size, OVERHEAD));
        } catch (ArithmeticException e) {
            budget.spent = Long.MAX_VALUE;
        }
        if (budget.spent > budget.bytes) {
            throw new IllegalArgumentException("the sizes ask for more than the " + budget.bytes + " bytes of memory "
                    + "that its weights can need");
        }
    }

    @Override
    public void close() {
        OPEN.set(outer);
    }
}
