package org.jformers.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Loads a model folder, runs it over 16 tokens, and prints how long that took and how much memory it needed at most beyond
 * what the process had before. Arguments: folder, precision. bench/model-loading.sh runs it beside Python.
 */
public final class ModelLoading {
    private ModelLoading() {}

    /** @param args model folder and precision (float32 or bfloat16) */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        DType precision = DType.ofConfigName(args[1]).orElseThrow();
        try (NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> Tensors.ofLongs(new long[] {1}, 1)); // the engine is there, as in Python after its imports
            double before = peakMegabytes();
            long begin = System.nanoTime();
            Model model = AutoModel.load(
                            folder,
                            AutoModel.declaredTask(AutoConfig.load(folder), folder.toString()),
                            LoadMode.DEFAULT,
                            precision)
                    .model();
            long loaded = System.nanoTime();
            Scopes.run(() -> model.forward(
                            ModelInputs.of(Tensors.ofLongs(new long[][] {IntStream.range(0, 16).asLongStream().toArray()})))
                    .logits());
            long ran = System.nanoTime();
            System.out.printf(Locale.ROOT, "jformers %s load %.3f s first %.3f s ready %.3f s cpu %.3f s peak %.0f MB%n",
                    precision.configName(), (loaded - begin) / 1e9, (ran - loaded) / 1e9, (ran - begin) / 1e9,
                    ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() / 1e3,
                    peakMegabytes() - before);
            model.close();
        }
    }

    private static double peakMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6)
                .findFirst()
                .orElseThrow();
    }
}
