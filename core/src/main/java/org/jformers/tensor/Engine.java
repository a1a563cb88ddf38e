package org.jformers.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * What the tensor engine says about itself.
 *
 * @param threads threads that one operator may use
 * @param interopThreads threads that may run operators side by side
 * @param capability the best instruction set that its own kernels use, such as {@code AVX512}
 * @param blas the libraries loaded for matrix products in float32 and float64
 * @param configuration how it was built and with which libraries, several lines
 */
public record Engine(
        int threads, long interopThreads, String capability, List<String> blas, String configuration) {

    /** The version of libtorch and of its binding; loads no class of the engine. */
    public static String version() {
        String written = "/META-INF/maven/org.bytedeco/pytorch/pom.properties";
        try (InputStream file = Engine.class.getResourceAsStream(written)) {
            Properties properties = new Properties();
            if (file != null) {
                properties.load(file);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks the engine; unpacks and loads its native libraries where that has not happened yet. */
    public static Engine ask() {
        EngineStart.prepare();
        try (PointerScope scope = new PointerScope()) {
            return new Engine(
                    torch.get_num_threads(),
                    torch.get_num_interop_threads(),
                    text(torch.get_cpu_capability()),
                    loadedBlas(),
                    text(torch.show_config()));
        }
    }

    /** How many threads one operator may use on the calling thread. */
    public static int currentThreads() {
        EngineStart.prepare();
        return torch.get_num_threads();
    }

    /** Sets it, for operators that the calling thread runs from now on. */
    public static void useThreads(int number) {
        EngineStart.prepare();
        torch.set_num_threads(number);
    }

    private static List<String> loadedBlas() {
        return Loader.getLoadedLibraries().entrySet().stream()
                .filter(library -> library.getKey().matches("(openblas|mkl_rt)@.*"))
                .map(library -> Path.of(library.getValue()).getFileName().toString())
                .sorted()
                .toList();
    }

    private static String text(BytePointer pointer) {
        return pointer.getString().strip();
    }
}
