package org.jformers.nn;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Kernels of one linear map beside each other, each under a name: a call computes with the one that is chosen when it
 * is made, and as the map alone does where none is chosen or the name is not among them.
 */
public final class KernelChoice extends Module implements Linear.Kernel {
    private final Supplier<Optional<String>> chosen;
    private final Map<String, Linear.Kernel> kernels = new ConcurrentHashMap<>();

    /** @param chosen the name of the kernel for a call, asked on the thread that makes it */
    public KernelChoice(Supplier<Optional<String>> chosen) {
        this.chosen = chosen;
    }

    /** Adds a kernel, which this one owns from now on. */
    public <K extends Module & Linear.Kernel> void add(String name, K kernel) {
        kernels.put(name, child(name, kernel));
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return chosen.get().map(kernels::get).orElse(Linear::apply).apply(x, weight, bias);
    }
}
