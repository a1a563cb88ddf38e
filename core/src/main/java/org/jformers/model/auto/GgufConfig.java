package org.jformers.model.auto;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.jformers.model.ConfigException;
import org.jformers.text.gguf.GgufMetadata;

/** What {@code config.json} would say of the model in a GGUF file. Architectures: {@code gpt2} and {@code llama}. */
final class GgufConfig {
    /** Architectures that are read; each is also the {@code model_type} it becomes. */
    static final List<String> ARCHITECTURES = List.of("gpt2", "llama");

    private final GgufMetadata head;
    private final String architecture;
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    private GgufConfig(GgufMetadata head) {
        this.head = head;
        architecture = head.text("general.architecture");
    }

    /** Whether a path is to be read as such a file. */
    static boolean isNamed(Path path) {
        return path.getFileName() != null && path.getFileName().toString().endsWith(".gguf");
    }

    /**
     * The keys of the configuration.
     *
     * @throws org.jformers.JformersException if the file is damaged, or describes a model that cannot be built
     */
    static ObjectNode read(Path file) {
        GgufConfig config = new GgufConfig(GgufMetadata.read(file));
        if (config.architecture.equals("gpt2")) {
            return config.gpt2();
        }
        if (config.architecture.equals("llama")) {
            return config.llama();
        }
        throw config.unsupported("general.architecture", config.architecture, ARCHITECTURES.toString());
    }

    private ObjectNode gpt2() {
        json.put("model_type", "gpt2").put("activation_function", "gelu_new");
        json.putArray("architectures").add("GPT2LMHeadModel");
        size("n_layer", "block_count");
        size("n_positions", "context_length");
        size("n_embd", "embedding_length");
        size("n_inner", "feed_forward_length");
        size("n_head", "attention.head_count");
        json.put("layer_norm_epsilon", real("attention.layer_norm_epsilon"));
        return common();
    }

    private ObjectNode llama() {
        json.put("model_type", "llama").put("hidden_act", "silu");
        json.putArray("architectures").add("LlamaForCausalLM");
        size("num_hidden_layers", "block_count");
        size("max_position_embeddings", "context_length");
        size("hidden_size", "embedding_length");
        size("intermediate_size", "feed_forward_length");
        size("num_attention_heads", "attention.head_count");
        long heads = head.integer(key("attention.head_count"));
        json.put("num_key_value_heads", head.integer(key("attention.head_count_kv"), heads));
        long headDim = head.integer(key("embedding_length")) / Math.max(1, heads);
        json.put("head_dim", head.integer(key("attention.key_length"), headDim));
        json.put("rms_norm_eps", real("attention.layer_norm_rms_epsilon"));
        json.put("attention_bias", has("blk.0.attn_q.bias"));
        json.put("mlp_bias", has("blk.0.ffn_up.bias"));
        json.set("rope_parameters", rope());
        if (head.integer(key("expert_count"), 0) > 0) {
            throw unsupported(key("expert_count"), String.valueOf(head.integer(key("expert_count"))), "0");
        }
        return common();
    }

    private ObjectNode rope() {
        ObjectNode rope = JsonNodeFactory.instance.objectNode();
        rope.put("rope_theta", head.real(key("rope.freq_base"), 10_000));
        String scaling = head.text(key("rope.scaling.type"), "none");
        if (scaling.equals("none")) {
            rope.put("rope_type", "default");
        } else if (scaling.equals("linear")) {
            rope.put("rope_type", "linear").put("factor", real("rope.scaling.factor"));
        } else {
            throw unsupported(key("rope.scaling.type"), scaling, "none, linear");
        }
        long headDim = json.get("head_dim").longValue();
        if (head.integer(key("rope.dimension_count"), headDim) != headDim) {
            throw unsupported(key("rope.dimension_count"),
                    String.valueOf(head.integer(key("rope.dimension_count"))), String.valueOf(headDim));
        }
        head.tensors().stream()
                .filter(tensor -> tensor.name().equals("rope_freqs.weight"))
                .findFirst()
                .ifPresent(tensor -> divisors(rope, head.floats(tensor)));
        return rope;
    }

    /**
     * ggml keeps what the frequencies of Llama 3's scaling are divided by, not its parameters: those are sought that
     * give these numbers. The factor is the greatest number; all published models blend from 1 to 4 turns.
     */
    private void divisors(ObjectNode rope, float[] divisors) {
        double factor = 0;
        boolean plain = true;
        for (float divisor : divisors) {
            factor = Math.max(factor, divisor);
            plain &= divisor == 1;
        }
        if (plain) {
            return;
        }
        double base = rope.get("rope_theta").doubleValue();
        for (int length = 1; length <= 1 << 20; length *= 2) {
            if (rope.path("rope_type").asText().equals("default") && divides(divisors, base, factor, length)) {
                rope.put("rope_type", "llama3").put("factor", factor).put("low_freq_factor", 1.0)
                        .put("high_freq_factor", 4.0).put("original_max_position_embeddings", length);
                return;
            }
        }
        throw unsupported("rope_freqs.weight", "numbers up to " + factor, "1, or those of Llama 3's scaling");
    }

    /** Whether Llama 3's scaling, source as in RopeScaling, gives these divisors. */
    private static boolean divides(float[] divisors, double base, double factor, int length) {
        for (int i = 0; i < divisors.length; i++) {
            double turns = length * Math.pow(base, -(double) i / divisors.length) / (2 * Math.PI);
            double share = Math.min(1, Math.max(0, (turns - 1) / 3));
            double expected = 1 / ((1 - share) / factor + share);
            if (Math.abs(divisors[i] - expected) > 1e-3 * expected) {
                return false;
            }
        }
        return true;
    }

    private ObjectNode common() {
        List<Long> tokens = head.tensors().stream()
                .filter(tensor -> tensor.name().equals("token_embd.weight") && tensor.shape().size() == 2)
                .map(GgufMetadata.TensorEntry::shape)
                .findFirst()
                .orElseThrow(() -> new ConfigException("gguf: no token table token_embd.weight, in " + head.file()));
        json.put("vocab_size", tokens.get(0));
        json.put("tie_word_embeddings", !has("output.weight"));
        for (String token : List.of("bos", "eos")) {
            String key = "tokenizer.ggml." + token + "_token_id";
            if (head.has(key)) {
                json.put(token + "_token_id", head.integer(key));
            }
        }
        return json;
    }

    private void size(String name, String key) {
        long size = head.integer(key(key));
        if (size != (int) size) {
            throw unsupported(key(key), String.valueOf(size), "at most " + Integer.MAX_VALUE);
        }
        json.put(name, (int) size);
    }

    /** The number as the shortest decimal that float32 reads as the same. */
    private double real(String key) {
        return Double.parseDouble(Float.toString((float) head.real(key(key))));
    }

    private String key(String key) {
        return architecture + "." + key;
    }

    private boolean has(String tensor) {
        return head.tensors().stream().anyMatch(entry -> entry.name().equals(tensor));
    }

    private ConfigException unsupported(String key, String got, String allowed) {
        return new ConfigException("gguf: got " + key + " " + got + ", allowed " + allowed + ", in " + head.file());
    }
}
