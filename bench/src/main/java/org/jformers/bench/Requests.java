package org.jformers.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.Engine;
import org.jformers.generation.EngineSettings;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;

/**
 * Answers sixteen requests of mixed lengths at once, greedily, several times, and prints tokens per second: best and
 * median of the rounds, after one answer of two tokens. Arguments: folder of a decoder, weights, rounds.
 * bench/requests.sh runs it beside Python.
 */
public final class Requests {
    private static final int REQUESTS = 16;

    private Requests() {}

    /** One request: how many tokens it has and how many it wants. */
    private record Lengths(int prompt, int answer) {}

    /** @param args model folder, weights (float32, bfloat16, int8, int4) and rounds */
    public static void main(String[] args) {
        LoadRequest request = LoadRequest.of(Task.CAUSAL_LM).forInference().withWeights(args[1]);
        List<Lengths> lengths = lengths();
        int tokens = lengths.stream().mapToInt(Lengths::answer).sum();
        double[] seconds = new double[Integer.parseInt(args[2])];
        try (Model model = AutoModel.load(Path.of(args[0]), request).model()) {
            answer(model, List.of(new Lengths(lengths.get(0).prompt(), 2)));
            for (int round = 0; round < seconds.length; round++) {
                long begin = System.nanoTime();
                int written = answer(model, lengths);
                if (written != tokens) {
                    throw new IllegalStateException("wrote " + written + " tokens, not " + tokens);
                }
                seconds[round] = (System.nanoTime() - begin) / 1e9;
            }
        }
        Arrays.sort(seconds);
        System.out.printf(Locale.ROOT, "jformers %s %d tokens, tokens/s best %.1f median %.1f%n", args[1], tokens,
                tokens / seconds[0], tokens / seconds[seconds.length / 2]);
    }

    private static int answer(Model model, List<Lengths> lengths) {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT)) {
            List<CompletableFuture<List<Continuation>>> answers = new ArrayList<>();
            for (Lengths one : lengths) {
                int[] prompt = IntStream.range(0, one.prompt()).map(place -> place % 1000).toArray();
                GenerationConfig settings = GenerationConfig.builder()
                        .maxNewTokens(one.answer()).minNewTokens(one.answer()).build();
                answers.add(engine.submit(prompt, settings, Controls.NONE));
            }
            engine.run();
            return answers.stream().mapToInt(answer -> answer.join().get(0).ids().length).sum();
        }
    }

    /** The same lengths in Java and Python. */
    private static List<Lengths> lengths() {
        List<Lengths> lengths = new ArrayList<>();
        long state = 1;
        for (int i = 0; i < REQUESTS; i++) {
            long first = next(state);
            state = next(first);
            lengths.add(new Lengths(drawn(first, 8, 512), drawn(state, 16, 256)));
        }
        return lengths;
    }

    private static long next(long state) {
        return (state * 1103515245 + 12345) % (1L << 31);
    }

    private static int drawn(long state, int least, int most) {
        return least + (int) ((state >> 16) % (most - least + 1));
    }
}
