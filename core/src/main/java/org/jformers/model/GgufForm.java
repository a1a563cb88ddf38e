package org.jformers.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.text.gguf.GgufMetadata;

/**
 * How llama.cpp keeps the models of a family in GGUF files: what it calls the kind of model, its hyperparameters and
 * its tensors. Source: llama.cpp, {@code conversion/} and {@code src/models/}; {@code gguf-py/gguf/constants.py}.
 *
 * @param architecture {@code general.architecture}
 * @param reads whether a file of that architecture is a model of this family; several share one
 * @param model the class of {@code architectures} that a file is a model of
 * @param keys hyperparameters, both ways
 * @param tensors names of tensors, both ways, given the configuration
 */
public record GgufForm<C extends Config>(
        String architecture,
        Predicate<GgufHead> reads,
        String model,
        List<GgufKey> keys,
        Function<C, GgufTensors> tensors) {
    private static final Map<String, String> TOKENS = Map.of(
            "bos_token_id", "bos_token_id", "eos_token_id", "eos_token_id", "padding_token_id", "pad_token_id");

    public GgufForm {
        keys = List.copyOf(keys);
    }

    /** A form that reads all files of its architecture. */
    public static <C extends Config> GgufForm<C> of(
            String architecture, String model, List<GgufKey> keys, Function<C, GgufTensors> tensors) {
        return new GgufForm<>(architecture, head -> true, model, keys, tensors);
    }

    /** The same for those files alone. */
    public GgufForm<C> reading(Predicate<GgufHead> files) {
        return new GgufForm<>(architecture, files, model, keys, tensors);
    }

    /** The same with further keys. */
    public GgufForm<C> with(GgufKey... more) {
        List<GgufKey> all = new ArrayList<>(keys);
        all.addAll(List.of(more));
        return new GgufForm<>(architecture, reads, model, all, tensors);
    }

    /**
     * What {@code config.json} would say of the model in a file.
     *
     * @throws org.jformers.JformersException if the file lacks something, or the family does not compute so
     */
    public ObjectNode config(String modelType, GgufMetadata metadata) {
        GgufHead head = new GgufHead(metadata);
        if (head.size("block_count") > metadata.tensors().size()) {
            throw head.unsupported("block_count", head.size("block_count"),
                    "no more than the " + metadata.tensors().size() + " tensors");
        }
        if (metadata.has("split.count") && metadata.integer("split.count") > 1) {
            throw new ConfigException("gguf: got one of " + metadata.integer("split.count")
                    + " files, allowed a model in one file; llama-gguf-split merges them, in " + metadata.file());
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("model_type", modelType);
        json.putArray("architectures").add(model);
        List<Long> table = head.shape("token_embd.weight").filter(shape -> shape.size() == 2).orElseThrow(() ->
                new ConfigException("gguf: no token table token_embd.weight, in " + metadata.file()));
        json.put("vocab_size", table.get(0));
        TOKENS.forEach((file, config) -> {
            if (metadata.has("tokenizer.ggml." + file)) {
                json.put(config, metadata.integer("tokenizer.ggml." + file));
            }
        });
        keys.forEach(key -> key.read(head, json));
        return json;
    }

    /**
     * What a file says of a model beside its weights and its tokenizer.
     *
     * @throws ConfigException if llama.cpp does not compute what the configuration says
     */
    public GgufValues values(ObjectNode config) {
        GgufValues values = new GgufValues(architecture);
        values.put("vocab_size", GgufKeys.integer(config, "vocab_size"));
        keys.forEach(key -> key.write(config, values));
        return values;
    }
}
