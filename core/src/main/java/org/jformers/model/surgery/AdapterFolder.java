package org.jformers.model.surgery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.TensorFile;
import org.jformers.model.ConfigException;
import org.jformers.text.ForeignJson;
import org.jformers.text.WorkBudget;
import org.jformers.text.regex.Regex;
import org.jformers.text.regex.RegexException;

/**
 * A folder of an adapter as PEFT 0.21 writes it: {@code adapter_config.json} and {@code adapter_model.safetensors} or
 * {@code .bin}.
 *
 * @param folder where it is
 * @param settings what {@code adapter_config.json} says
 */
record AdapterFolder(Path folder, ObjectNode settings) {
    static final String CONFIG = "adapter_config.json";
    static final String WEIGHTS = "adapter_model.safetensors";
    /** What the name of every tensor begins with. */
    static final String PREFIX = "base_model.model.";
    /** How the names of tensors end that are neither differences nor whole weights. */
    static final String TOKENS = ".token_adapter.trainable_tokens_delta";
    private static final JsonMapper JSON = ForeignJson.mapper().build();
    /** Settings that change the sum, and are not done. */
    private static final List<String> REFUSED = List.of(
            "use_qalora", "alora_invocation_tokens", "arrow_config", "kasa_config", "use_bdlora", "monteclora_config",
            "layer_replication");
    /** Beginnings that change the base as well. */
    private static final List<String> REFUSED_STARTS = List.of("pissa", "olora", "loftq", "corda", "lora_ga");
    /** Many times what matching the patterns of real adapters takes. */
    private static final long PATTERN_STEPS = 20_000_000;

    /**
     * Reads the settings of a folder.
     *
     * @throws ConfigException if there are none, or they ask for what is not done
     */
    static AdapterFolder open(Path folder) {
        AdapterFolder adapter = new AdapterFolder(folder, json(folder.resolve(CONFIG)));
        adapter.requireSupported(folder.resolve(CONFIG));
        return adapter;
    }

    private static ObjectNode json(Path file) {
        try {
            if (!(JSON.readTree(Files.readString(file)) instanceof ObjectNode object)) {
                throw new ConfigException(file.getFileName() + ": got no JSON object, in " + file);
            }
            return object;
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    file.getFileName() + ": no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException(file.getFileName() + ": cannot be read, in " + file.getParent(), e);
        }
    }

    /** What {@code config.json} beside it says of the adapted model; an empty object where there is none. */
    ObjectNode modelConfig() {
        Path file = folder.resolve("config.json");
        return Files.exists(file) ? json(file) : JSON.createObjectNode();
    }

    private void requireSupported(Path file) {
        if (!settings.path("peft_type").asText("LORA").equals("LORA") || !settings.path("lora_alpha").isNumber()) {
            throw new ConfigException("adapter: got peft_type " + settings.path("peft_type") + " and lora_alpha "
                    + settings.path("lora_alpha") + ", allowed LORA and a number, in " + file);
        }
        for (String key : REFUSED) {
            if (says(key)) {
                throw new ConfigException(
                        "adapter: got " + key + " " + settings.path(key) + ", allowed none, in " + file);
            }
        }
        String start = settings.path("init_lora_weights").asText();
        if (REFUSED_STARTS.stream().anyMatch(start::startsWith)) {
            throw new ConfigException("adapter: got init_lora_weights " + start + ", which changes the base as well,"
                    + " allowed others than " + REFUSED_STARTS + ", in " + file);
        }
    }

    /** Whether a key says anything: it is there, and neither null, false nor empty. */
    boolean says(String key) {
        JsonNode value = settings.path(key);
        return !(value.isMissingNode() || value.isNull() || value.isBoolean() && !value.booleanValue()
                || value.isContainerNode() && value.isEmpty());
    }

    /**
     * Opens the weights.
     *
     * @throws CheckpointException if there are none, or their file is damaged
     */
    TensorFile file() {
        return Stream.of(WEIGHTS, "adapter_model.bin")
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(TensorFile::open)
                .orElseThrow(() -> new CheckpointException(
                        "adapter: neither adapter_model.safetensors nor adapter_model.bin is in " + folder));
    }

    /** The names of tensors that say anything: none of what a module was before it was trained whole. */
    static Set<String> names(TensorFile file) {
        Set<String> names = new LinkedHashSet<>(file.tensors().keySet());
        names.removeIf(name -> name.contains(".original_module."));
        return names;
    }

    /** Whether a name is that of a weight that takes the place of the base's. */
    static boolean isWhole(String name) {
        return !name.contains(".lora_") && !name.endsWith(TOKENS);
    }

    /** The weight that a name is about, by its name in the base; a whole one's own. */
    String weight(String name) {
        if (isWhole(name)) {
            return own(name);
        }
        int end = name.endsWith(TOKENS) ? name.length() - TOKENS.length() : Math.max(0, name.indexOf(".lora_"));
        return own(name.substring(0, end)) + ".weight";
    }

    /** A name in the base. */
    String own(String name) {
        if (!name.startsWith(PREFIX)) {
            throw new CheckpointException("adapter: got " + name + ", allowed names with " + PREFIX + ", in " + folder);
        }
        return (name.substring(PREFIX.length()) + ".").replace(".modules_to_save.", ".").replace(".base_layer.", ".")
                .replaceAll("\\.$", "");
    }

    /** The work that matching the patterns of an adapter may take. */
    static WorkBudget patterns() {
        return WorkBudget.of("matching alpha_pattern", PATTERN_STEPS, PATTERN_STEPS);
    }

    /** What a module's product of rank r is scaled by: alpha / r, or alpha / sqrt(r). */
    double scale(String module, double rank, WorkBudget patterns) {
        double alpha = alpha(module, patterns);
        return alpha / (settings.path("use_rslora").asBoolean() ? Math.sqrt(rank) : rank);
    }

    /** Some modules may have an alpha of their own; patterns match the end of a name. */
    private double alpha(String module, WorkBudget patterns) {
        int[] chars = module.codePoints().toArray();
        for (Map.Entry<String, JsonNode> entry : settings.path("alpha_pattern").properties()) {
            boolean[] matched = {false};
            try {
                Regex.compile("\\A(?:.*\\.)?(?:" + entry.getKey() + ")\\z")
                        .findAll(chars, 0, chars.length, patterns, (start, end) -> matched[0] = true);
            } catch (RegexException e) {
                throw new ConfigException("adapter: got alpha_pattern " + entry.getKey() + ", " + e.getMessage()
                        + ", in " + folder, e);
            }
            if (matched[0] && !entry.getValue().isNumber()) {
                throw new ConfigException("adapter: got alpha_pattern " + entry + ", allowed numbers, in " + folder);
            } else if (matched[0]) {
                return entry.getValue().asDouble();
            }
        }
        return settings.path("lora_alpha").asDouble();
    }
}
