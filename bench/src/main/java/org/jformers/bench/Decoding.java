package org.jformers.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.DType;

/**
 * Continues 16 tokens by 64, greedily, several times, and prints tokens per second: minimum and median of the times
 * after the first. Arguments: folder of a decoder, precision. bench/decoding.sh runs it beside Python.
 */
public final class Decoding {
    private static final int ROUNDS = 8;
    private static final int NEW_TOKENS = 64;

    private Decoding() {}

    /** @param args model folder and precision (float32 or bfloat16) */
    public static void main(String[] args) {
        DType precision = DType.ofConfigName(args[1]).orElseThrow();
        try (Model model = AutoModel.load(Path.of(args[0]), Task.CAUSAL_LM, LoadMode.DEFAULT, precision).model()) {
            Generator generator = new Generator(model);
            GenerationConfig settings =
                    GenerationConfig.builder().maxNewTokens(NEW_TOKENS).minNewTokens(NEW_TOKENS).build();
            List<int[]> prompt = List.of(IntStream.range(0, 16).toArray());
            double[] seconds = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                long begin = System.nanoTime();
                int written = generator.generate(prompt, settings, Controls.NONE).get(0).get(0).ids().length;
                if (written != NEW_TOKENS) {
                    throw new IllegalStateException("wrote " + written + " tokens");
                }
                seconds[round] = (System.nanoTime() - begin) / 1e9;
            }
            double[] warm = Arrays.stream(seconds).skip(1).sorted().toArray();
            System.out.printf(Locale.ROOT, "jformers %s tokens/s best %.1f median %.1f%n",
                    precision.configName(), NEW_TOKENS / warm[0], NEW_TOKENS / warm[warm.length / 2]);
        }
    }
}
