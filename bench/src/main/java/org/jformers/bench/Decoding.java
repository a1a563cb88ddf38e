package org.jformers.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.Linear;
import org.jformers.tensor.Scopes;

/**
 * Continues 32 tokens by 128, greedily, several times, and reads a prompt of 1,024, and prints tokens per second: best
 * and median of the times after the first; and what reading memory allows. Arguments: folder of a decoder, weights.
 * bench/decoding.sh runs it beside Python.
 */
public final class Decoding {
    private static final int ROUNDS = 6;
    private static final int PROMPT = 32;
    private static final int NEW_TOKENS = 128;
    private static final int LONG_PROMPT = 1024;

    private Decoding() {}

    /** @param args model folder and weights (float32, bfloat16, int8, int4) */
    public static void main(String[] args) {
        LoadRequest request = LoadRequest.of(Task.CAUSAL_LM).forInference().withWeights(args[1]);
        try (Model model = AutoModel.load(Path.of(args[0]), request).model()) {
            double bytes = bytesRead(model);
            double bandwidth = bandwidth();
            Generator generator = new Generator(model);
            double[] written = seconds(generator, PROMPT, NEW_TOKENS);
            double[] read = seconds(generator, LONG_PROMPT, 1);
            bandwidth = Math.max(bandwidth, bandwidth());
            double allowed = bandwidth / bytes;
            System.out.printf(Locale.ROOT,
                    "jformers %s tokens/s best %.1f median %.1f, %.0f %% of the %.1f that %.1f GB/s allow;"
                            + " of prompts best %.0f median %.0f%n", args[1],
                    NEW_TOKENS / written[0], NEW_TOKENS / median(written), 100 * NEW_TOKENS / written[0] / allowed,
                    allowed, bandwidth / 1e9, LONG_PROMPT / read[0], LONG_PROMPT / median(read));
        }
    }

    /** Seconds of all rounds but the first, the least first. */
    private static double[] seconds(Generator generator, int length, int newTokens) {
        GenerationConfig settings =
                GenerationConfig.builder().maxNewTokens(newTokens).minNewTokens(newTokens).build();
        List<int[]> prompt = List.of(IntStream.range(0, length).toArray());
        double[] seconds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            int written = generator.generate(prompt, settings, Controls.NONE).get(0).get(0).ids().length;
            if (written != newTokens) {
                throw new IllegalStateException("wrote " + written + " tokens");
            }
            seconds[round] = (System.nanoTime() - begin) / 1e9;
        }
        return Arrays.stream(seconds).skip(1).sorted().toArray();
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    /** Bytes of all matrices, which each token reads. */
    private static double bytesRead(Model model) {
        double bytes = 0;
        for (Linear map : model.network().linears().values()) {
            bytes += map.bytes();
        }
        return bytes;
    }

    /** Bytes a second that all cores read from memory that no cache holds. */
    private static double bandwidth() {
        return Scopes.get(() -> {
            Tensor numbers = torch.ones(100_000_000L);
            double[] seconds = new double[11];
            for (int i = 0; i < seconds.length; i++) {
                long begin = System.nanoTime();
                Scopes.run(() -> numbers.sum());
                seconds[i] = (System.nanoTime() - begin) / 1e9;
            }
            Arrays.sort(seconds);
            return numbers.nbytes() / seconds[seconds.length / 2];
        });
    }
}
