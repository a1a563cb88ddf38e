package org.jformers.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.text.ForeignJson;

/**
 * A folder with the low-rank differences that fine-tuning made: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, as PEFT writes them. Source: arXiv:2106.09685; scale by the root of the rank:
 * arXiv:2312.03732. Merged into its base, a matrix W becomes W + (alpha / r) B A, and the model is as fast as before.
 *
 * <p>Dimensions: r rank, in and out of a map, V entries and C width of a table.
 */
public final class LoraAdapter {
    private static final JsonMapper JSON = ForeignJson.mapper().build();
    private static final String PREFIX = "base_model.model.";
    /** Settings that change the sum, and are not done. */
    private static final List<String> REFUSED =
            List.of("use_dora", "lora_bias", "use_qalora", "alora_invocation_tokens", "arrow_config");
    /** Beginnings that change the base as well. */
    private static final List<String> REFUSED_STARTS = List.of("pissa", "olora", "loftq", "corda");

    private final Path folder;
    private final JsonNode settings;

    /**
     * The model that is changed.
     *
     * @param named weights by the names of checkpoints, mostly views of the parameters
     * @param parameters its parameters
     * @param tied whether an output layer shares the token table
     */
    private record Base(Map<String, Tensor> named, Map<String, Tensor> parameters, boolean tied) {
        private static final Set<Task> SCORING =
                EnumSet.of(Task.CAUSAL_LM, Task.SEQ2SEQ_LM, Task.MASKED_LM, Task.PRETRAINING, Task.DOUBLE_HEADS);

        static Base of(Model model) {
            Map<String, Tensor> parameters = model.network().tensors();
            return new Base(model.named(parameters), parameters,
                    model.config().common().tieWordEmbeddings() && SCORING.contains(model.identity().task()));
        }
    }

    private LoraAdapter(Path folder, JsonNode settings) {
        this.folder = folder;
        this.settings = settings;
    }

    /**
     * Reads the settings of a folder.
     *
     * @throws ConfigException if there are none, or they ask for what is not done
     */
    public static LoraAdapter open(Path folder) {
        Path file = folder.resolve("adapter_config.json");
        try {
            LoraAdapter adapter = new LoraAdapter(folder, JSON.readTree(Files.readString(file)));
            adapter.requireSupported(file);
            return adapter;
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    "adapter_config.json: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("adapter_config.json: cannot be read, in " + folder, e);
        }
    }

    private void requireSupported(Path file) {
        if (!settings.path("peft_type").asText().equals("LORA") || !settings.path("lora_alpha").isNumber()) {
            throw new ConfigException("adapter: got peft_type " + settings.path("peft_type") + " and lora_alpha "
                    + settings.path("lora_alpha") + ", allowed LORA and a number, in " + file);
        }
        for (String key : REFUSED) {
            JsonNode value = settings.path(key);
            if (!value.isMissingNode() && !value.isNull() && !value.equals(JSON.getNodeFactory().booleanNode(false))) {
                throw new ConfigException("adapter: got " + key + " " + value + ", allowed none, in " + file);
            }
        }
        String start = settings.path("init_lora_weights").asText();
        if (REFUSED_STARTS.stream().anyMatch(start::startsWith)) {
            throw new ConfigException("adapter: got init_lora_weights " + start + ", which changes the base as well,"
                    + " allowed others than " + REFUSED_STARTS + ", in " + file);
        }
    }

    /**
     * Adds the differences to a model's parameters, in place; what was trained whole takes the place of the base's.
     *
     * @throws CheckpointException if the file is missing or does not fit the model; parameters named before are changed
     *     then, so that the model is of no use
     */
    public void mergeInto(Model model) {
        Path file = folder.resolve("adapter_model.safetensors");
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException("adapter: no such file, " + file);
        }
        Scopes.run(() -> {
            try (NoGrad noGrad = new NoGrad();
                    SafetensorsFile stored = SafetensorsFile.open(file)) {
                Base base = Base.of(model);
                for (String name : stored.tensors().keySet()) {
                    Scopes.run(() -> merge(name, stored, base));
                }
            }
        });
    }

    private void merge(String name, SafetensorsFile stored, Base base) {
        if (name.endsWith(".lora_A.weight")) {
            String module = module(name, ".lora_A.weight");
            Tensor product = difference(module, stored, name, name.replace(".lora_A.", ".lora_B."));
            Tensor sum = settings.path("fan_in_fan_out").asBoolean() ? product.t() : product;
            target(module + ".weight", sum, base).add_(sum);
        } else if (name.endsWith(".lora_embedding_A")) {
            String module = module(name, ".lora_embedding_A");
            requireOwnOutput(module, base);
            Tensor sum = difference(module, stored, name, name.replace("_A", "_B")).t();
            target(module + ".weight", sum, base).add_(sum);
        } else if (name.contains(".original_module.")) {
            return; // what a module was before it was trained whole
        } else if (!name.contains(".lora_")) {
            Tensor whole = stored.tensor(name);
            String own = module(name, "").replace(".modules_to_save.", ".").replace(".base_layer.", ".");
            target(own, whole, base).copy_(whole);
        } else if (!name.endsWith(".lora_B.weight") && !name.endsWith(".lora_embedding_B")) {
            throw new CheckpointException("adapter: got " + name + ", allowed lora_A and lora_B, in " + folder);
        }
    }

    /** The reference adds to the vectors of tokens alone; in a shared table the sum would change the scores too. */
    private void requireOwnOutput(String module, Base base) {
        if (base.tied()) {
            throw new CheckpointException("adapter: got differences for " + module
                    + ", which the model's output layer shares, allowed models with tie_word_embeddings false, in "
                    + folder);
        }
    }

    /** The module's name in the base. */
    private String module(String name, String ending) {
        if (!name.startsWith(PREFIX)) {
            throw new CheckpointException("adapter: got " + name + ", allowed names with " + PREFIX + ", in " + folder);
        }
        return name.substring(PREFIX.length(), name.length() - ending.length());
    }

    /** scale B A, [out, in]. */
    private Tensor difference(String module, SafetensorsFile stored, String nameOfA, String nameOfB) {
        if (!stored.tensors().containsKey(nameOfB)) {
            throw new CheckpointException("adapter: " + nameOfB + " is missing, in " + folder);
        }
        Tensor a = stored.tensor(nameOfA).to(ScalarType.Float);
        Tensor b = stored.tensor(nameOfB).to(ScalarType.Float);
        if (a.dim() != 2 || b.dim() != 2 || a.size(0) != b.size(1)) {
            throw new CheckpointException("adapter: got " + Arrays.toString(a.shape()) + " and "
                    + Arrays.toString(b.shape()) + " for " + module + ", allowed [r, in] and [out, r], in " + folder);
        }
        double rank = a.size(0);
        double scale = alpha(module) / (settings.path("use_rslora").asBoolean() ? Math.sqrt(rank) : rank);
        return b.matmul(a).mul(new Scalar(scale));
    }

    /** Some modules may have an alpha of their own; patterns match the end of a name. */
    private double alpha(String module) {
        for (Map.Entry<String, JsonNode> entry : settings.path("alpha_pattern").properties()) {
            try {
                if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module)) {
                    return entry.getValue().asDouble();
                }
            } catch (PatternSyntaxException e) {
                throw new ConfigException("adapter: got alpha_pattern " + entry.getKey() + ", which is no pattern, in "
                        + folder, e);
            }
        }
        return settings.path("lora_alpha").asDouble();
    }

    /** The base's weights of that name: a view of a parameter, so that writing to it changes the model. */
    private Tensor target(String name, Tensor wanted, Base base) {
        Tensor weights = base.named().get(name);
        if (weights == null) {
            throw new CheckpointException("adapter: the model has no weights named " + name + ", in " + folder);
        }
        if (!Arrays.equals(weights.shape(), wanted.shape())) {
            throw new CheckpointException("adapter: got " + Arrays.toString(wanted.shape()) + " for " + name
                    + ", the model has " + Arrays.toString(weights.shape()) + ", in " + folder);
        }
        if (base.parameters().values().stream().noneMatch(parameter -> parameter.is_alias_of(weights))) {
            throw new CheckpointException("adapter: " + name + " is stored as several parameters, which is not done");
        }
        return weights;
    }
}
