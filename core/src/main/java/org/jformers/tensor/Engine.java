package org.jformers.tensor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * What the tensor engine says about itself.
 *
 * @param threads threads that one operator may use
 * @param interopThreads threads that may run operators side by side
 * @param capability the best instruction set that its own kernels use, such as {@code AVX512}
 * @param configuration how it was built and with which libraries, several lines
 */
public record Engine(int threads, long interopThreads, String capability, String configuration) {

    /** The version of libtorch and of its binding; loads no native library. */
    public static String version() {
        // Loading a class without initialising it leaves its native part alone.
        try {
            Class<?> binding = Class.forName(
                    "org.bytedeco.pytorch.global.torch", false, Engine.class.getClassLoader());
            String version = binding.getPackage().getImplementationVersion();
            return version == null ? "unknown" : version;
        } catch (ClassNotFoundException e) {
            throw new AssertionError("jformers-core is compiled against it", e);
        }
    }

    /** Asks the engine; unpacks and loads its native libraries where that has not happened yet. */
    public static Engine ask() {
        try (PointerScope scope = new PointerScope()) {
            return new Engine(
                    torch.get_num_threads(),
                    torch.get_num_interop_threads(),
                    text(torch.get_cpu_capability()),
                    text(torch.show_config()));
        }
    }

    private static String text(BytePointer pointer) {
        return pointer.getString().strip();
    }
}
