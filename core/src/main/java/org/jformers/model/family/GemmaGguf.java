package org.jformers.model.family;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.model.ConfigException;
import org.jformers.model.GgufHead;
import org.jformers.model.GgufKey;
import org.jformers.model.GgufKeys;
import org.jformers.model.GgufValues;

/**
 * What is Gemma's own in GGUF files. llama.cpp takes for granted which layers see a window, and what queries are
 * multiplied by: it tells the largest model by its number of layers. Source: llama.cpp, {@code conversion/gemma.py},
 * {@code src/models/gemma2.cpp} and {@code gemma3.cpp}.
 */
final class GemmaGguf {
    private static final int HEAD_DIM = 256;
    private static final int WINDOW = 4096;

    private GemmaGguf() {}

    /** The hyperparameters that Gemma 2 and 3 share, but for positions and layers. */
    static List<GgufKey> keys(int maxPositions, int layersOfTheLargest) {
        return LlamaGguf.and(LlamaGguf.keys(maxPositions, 1e-6, 4),
                new LlamaGguf.HeadDim(HEAD_DIM), new QueryScale(layersOfTheLargest),
                GgufKeys.fixed("hidden_activation", "gelu_pytorch_tanh"),
                GgufKeys.required("use_bidirectional_attention", false),
                GgufKeys.required("attention_bias", false));
    }

    /** Bounds of scores: of Gemma 2 all files have one. */
    static GgufKey cap(String key, double otherwise) {
        return new Cap(key, otherwise);
    }

    private record Cap(String key, double otherwise) implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put(key, file.real(key, otherwise));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            if (config.has(key) && config.get(key).isNull()) {
                throw new ConfigException("gguf: got " + key + " null, which llama.cpp does not do, allowed a number");
            }
            file.put(key, (float) config.path(key).asDouble(otherwise));
        }
    }

    /** A bound that few models have. */
    record OptionalCap(String key) implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            if (file.has(key)) {
                config.put(key, file.real(key));
            }
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            if (!GgufKeys.isNull(config, key)) {
                file.put(key, (float) config.get(key).doubleValue());
            }
        }
    }

    private record QueryScale(int layersOfTheLargest) implements GgufKey {
        private static final String CONFIG = "query_pre_attn_scalar";

        private int of(int layers, int width, int heads, int headDim) {
            return layers == layersOfTheLargest ? width / Math.max(1, heads) : headDim;
        }

        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put(CONFIG, of(file.size("block_count"), file.size("embedding_length"),
                    file.size("attention.head_count"), config.get("head_dim").intValue()));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int taken = of(GgufKeys.integer(config, "num_hidden_layers"), GgufKeys.integer(config, "hidden_size"),
                    GgufKeys.integer(config, "num_attention_heads"), LlamaGguf.HeadDim.of(config, HEAD_DIM));
            int said = GgufKeys.isNull(config, CONFIG) ? HEAD_DIM : GgufKeys.integer(config, CONFIG);
            if (said != taken) {
                throw new ConfigException("gguf: got " + CONFIG + " " + said
                        + ", which llama.cpp does not do, allowed " + taken);
            }
        }
    }

    /**
     * Layers of which each one in so many sees everything, the others a window.
     *
     * @param pattern how many
     */
    record Windows(int pattern) implements GgufKey {
        private static final String FILE = "attention.sliding_window";
        private static final String CONFIG = "sliding_window";

        @Override
        public void read(GgufHead file, ObjectNode config) {
            boolean windowed = file.size(FILE, 0) > 0;
            if (file.size("attention.sliding_window_pattern", pattern) != pattern) {
                throw file.unsupported(
                        "attention.sliding_window_pattern", file.size("attention.sliding_window_pattern"), pattern);
            }
            if (windowed) {
                config.put(CONFIG, file.size(FILE));
            }
            ArrayNode types = config.putArray("layer_types");
            IntStream.range(0, file.size("block_count")).forEach(layer ->
                    types.add(windowed && (layer + 1) % pattern != 0 ? LlamaKind.SLIDING : LlamaKind.FULL));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int layers = GgufKeys.integer(config, "num_hidden_layers");
            for (int layer = 0; layer < layers; layer++) {
                String taken = (layer + 1) % pattern != 0 ? LlamaKind.SLIDING : LlamaKind.FULL;
                String said = config.path("layer_types").path(layer).asText(taken);
                if (!said.equals(taken) || config.path("sliding_window_pattern").asInt(pattern) != pattern) {
                    throw new ConfigException("gguf: got layer_types in which layer " + layer + " is not " + taken
                            + ", which llama.cpp does not do, allowed " + LlamaKind.FULL + " for each one in "
                            + pattern);
                }
            }
            file.put(FILE, GgufKeys.isNull(config, CONFIG) ? WINDOW : GgufKeys.integer(config, CONFIG));
        }
    }

    /** Gemma 3's rotary positions: a base of their own for layers with a window; only the others are scaled. */
    record Rope() implements GgufKey {
        private static final double FULL = 1e6;
        private static final double SLIDING = 1e4;

        @Override
        public void read(GgufHead file, ObjectNode config) {
            ObjectNode rope = config.putObject("rope_parameters");
            rope.set(LlamaKind.FULL, RopeGguf.settings(file, file.real("rope.freq_base", FULL)));
            rope.putObject(LlamaKind.SLIDING).put("rope_type", "default")
                    .put("rope_theta", file.real("rope.freq_base_swa", SLIDING));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            ObjectNode full = part(config, LlamaKind.FULL);
            ObjectNode sliding = part(config, LlamaKind.SLIDING);
            if (config.path("rope_scaling") instanceof ObjectNode older) {
                full.setAll(older);
            }
            if (!sliding.path("rope_type").asText("default").equals("default")) {
                throw new ConfigException("gguf: got rotary settings " + sliding + " for layers with a window, allowed"
                        + " a rope_type of default");
            }
            double theta = full.path("rope_theta").asDouble(config.path("rope_theta").asDouble(FULL));
            double local = sliding.path("rope_theta").asDouble(config.path("rope_local_base_freq").asDouble(SLIDING));
            file.put("rope.freq_base", (float) theta);
            file.put("rope.freq_base_swa", (float) local);
            RopeGguf.write(full, theta, LlamaGguf.HeadDim.of(config, HEAD_DIM), file);
        }

        private static ObjectNode part(ObjectNode config, String layers) {
            return config.path("rope_parameters").path(layers) instanceof ObjectNode part
                    ? part.deepCopy()
                    : JsonNodeFactory.instance.objectNode();
        }
    }
}
