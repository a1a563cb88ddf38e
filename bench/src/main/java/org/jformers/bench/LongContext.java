package org.jformers.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Reads a long text with a Llama of 8 layers x 512 (8 heads, random weights) and says how long it took and how much
 * memory, beyond the weights and what the process held before, the pass held at its peak. The vectors of the last layer
 * are part of that. Arguments: tokens, window (0 for none), precision, rounds. bench/long-context.sh runs all of them.
 */
public final class LongContext {
    private static final String CONFIG = """
            {"model_type": "mistral", "vocab_size": 1024, "hidden_size": 512, "num_hidden_layers": 8,
            "num_attention_heads": 8, "num_key_value_heads": 8, "intermediate_size": 1376, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 65536, "sliding_window": %s}""";

    private LongContext() {}

    /** @param args tokens, window, precision and rounds */
    public static void main(String[] args) throws IOException {
        int tokens = Integer.parseInt(args[0]);
        int window = Integer.parseInt(args[1]);
        Precision precision = Precision.valueOf(args[2].toUpperCase(Locale.ROOT));
        double[] clock = new double[Integer.parseInt(args[3])];
        double[] processor = new double[clock.length];
        try (Model model = model(window)) {
            long[] ids = new long[tokens];
            Arrays.setAll(ids, t -> (t * 7919L + t / 13) % 1024);
            pass(model, precision, Arrays.copyOf(ids, Math.min(tokens, 2048)));
            double before = status("VmRSS");
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
            for (int round = 0; round < clock.length; round++) {
                long begin = System.nanoTime();
                Duration used = used();
                pass(model, precision, ids);
                clock[round] = (System.nanoTime() - begin) / 1e9;
                processor[round] = used().minus(used).toMillis() / 1e3;
            }
            double peak = status("VmHWM") - before;
            System.out.printf(Locale.ROOT,
                    "%s window %d: %d tokens in %.1f s, %.1f s of the processor (least of %d), %.0f MiB at the peak%n",
                    precision, window, tokens, Arrays.stream(clock).min().orElseThrow(),
                    Arrays.stream(processor).min().orElseThrow(), clock.length, peak);
        }
    }

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static Model model(int window) {
        try {
            String config = String.format(CONFIG, window == 0 ? "null" : Integer.toString(window));
            return AutoModel.create(AutoConfig.parse(new JsonMapper().readTree(config), "bench"), Task.BASE, 1);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pass(Model model, Precision precision, long[] ids) {
        Scopes.run(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                Tensor ids_1T = Tensors.ofLongs(ids, 1, ids.length);
                Tensor hidden_1TC = precision.compute(() ->
                        model.forward(ModelInputs.of(ids_1T)).get("last_hidden_state"));
                if (hidden_1TC.isnan().any().to(ScalarType.Byte).item_byte() != 0) {
                    throw new IllegalStateException("the last layer gave what is no number");
                }
            }
        });
    }

    /** A figure of the process in MiB. */
    static double status(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                    .findFirst().orElseThrow();
        }
    }
}
