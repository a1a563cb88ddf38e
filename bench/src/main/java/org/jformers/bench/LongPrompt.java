package org.jformers.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.attention.CacheKind;

/**
 * Writes behind a long prompt, which the engine reads in parts, with a Llama of 8 layers x 512 (8 heads, 4 of keys and
 * values, random weights, float32): how long it took, and how much memory beyond the weights and what the process held
 * before was held at the peak. Arguments: tokens, kind of cache (growing, fixed, paged, sharing, int8).
 */
public final class LongPrompt {
    private static final String CONFIG = """
            {"model_type": "llama", "vocab_size": 1024, "hidden_size": 512, "num_hidden_layers": 8,
            "num_attention_heads": 8, "num_key_value_heads": 4, "intermediate_size": 1376, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 65536}""";
    private static final int PAGE = 64;
    private static final int NEW = 8;

    private LongPrompt() {}

    /** @param args tokens and kind of cache */
    public static void main(String[] args) throws IOException {
        int tokens = Integer.parseInt(args[0]);
        CacheKind kind = kind(args[1], tokens + NEW);
        try (Model model = AutoModel.create(
                AutoConfig.parse(new JsonMapper().readTree(CONFIG), "bench"), Task.CAUSAL_LM, 1)) {
            write(model, kind(args[1], 2048 + NEW), 2048);
            double before = LongContext.status("VmRSS");
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
            long begin = System.nanoTime();
            write(model, kind, tokens);
            System.out.printf(Locale.ROOT, "%s: prompt of %d tokens and %d more in %.1f s, %.0f MiB at the peak%n",
                    args[1], tokens, NEW, (System.nanoTime() - begin) / 1e9, LongContext.status("VmHWM") - before);
        }
    }

    private static CacheKind kind(String name, int tokens) {
        return switch (name) {
            case "growing" -> CacheKind.GROWING;
            case "fixed" -> CacheKind.fixed(tokens);
            case "paged" -> CacheKind.paged(PAGE, tokens / PAGE + 1);
            case "sharing" -> CacheKind.sharing(PAGE, tokens / PAGE + 1);
            case "int8" -> CacheKind.INT8;
            default -> throw new IllegalArgumentException(
                    "cache: got " + name + ", allowed growing, fixed, paged, sharing, int8");
        };
    }

    private static void write(Model model, CacheKind kind, int tokens) {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withCache(kind))) {
            int[] prompt = IntStream.range(0, tokens).map(t -> (int) ((t * 7919L + t / 13) % 1024)).toArray();
            CompletableFuture<List<Continuation>> text = engine.submit(
                    prompt, GenerationConfig.builder().maxNewTokens(NEW).build(), Controls.NONE);
            engine.run();
            if (text.join().get(0).ids().length != NEW) {
                throw new IllegalStateException("the engine ended before " + NEW + " tokens");
            }
        }
    }
}
