package org.jformers.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Loads a model folder and runs it over 16 tokens, several times. Prints how long the first time and the fastest one
 * took, and how much memory the first one needed beyond what the process had before. Arguments: folder, precision.
 * bench/model-loading.sh runs it beside Python.
 */
public final class ModelLoading {
    private static final int ROUNDS = 6;

    private ModelLoading() {}

    /** @param args model folder and precision (float32 or bfloat16) */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        DType precision = DType.ofConfigName(args[1]).orElseThrow();
        Scopes.run(() -> Tensors.ofLongs(new long[] {1}, 1)); // the engine is there, as in Python after its imports
        double before = peakMegabytes();
        double[] first = once(folder, precision);
        double peak = peakMegabytes() - before;
        double[] best = first.clone();
        for (int i = 1; i < ROUNDS; i++) {
            double[] next = once(folder, precision);
            best[0] = Math.min(best[0], next[0]);
            best[1] = Math.min(best[1], next[1]);
        }
        System.out.printf(Locale.ROOT,
                "jformers %s first load %.3f ready %.3f best load %.3f ready %.3f peak %.0f%n",
                precision.configName(), first[0], first[1], best[0], best[1], peak);
    }

    /** Seconds until the model was loaded, and until it had run. */
    private static double[] once(Path folder, DType precision) {
        try (NoGrad noGrad = new NoGrad()) {
            long begin = System.nanoTime();
            Task task = AutoModel.declaredTask(AutoConfig.load(folder));
            try (Model model = AutoModel.load(folder, task, LoadMode.DEFAULT, precision).model()) {
                long loaded = System.nanoTime();
                Tensor ids = Tensors.ofLongs(new long[][] {LongStream.range(0, 16).toArray()});
                ModelInputs inputs = ModelInputs.of(ids);
                ModelInputs both = task == Task.SEQ2SEQ_LM ? inputs.with("decoder_input_ids", ids) : inputs;
                Scopes.run(() -> model.forward(both).logits());
                return new double[] {(loaded - begin) / 1e9, (System.nanoTime() - begin) / 1e9};
            }
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
