package org.jformers.model.surgery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.TensorFile;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.ForeignJson;
import org.jformers.text.WorkBudget;
import org.jformers.text.regex.Regex;
import org.jformers.text.regex.RegexException;

/**
 * A folder with the low-rank differences that fine-tuning made: {@code adapter_config.json} and {@code
 * adapter_model.safetensors} or {@code .bin}, as PEFT 0.21 writes them. Source: arXiv:2106.09685; scale by the root of
 * the rank: arXiv:2312.03732; magnitude apart from direction (DoRA): arXiv:2402.09353. Merged into its base, a matrix W
 * becomes W + (alpha / r) B A, and the model is as fast as before. What was trained whole, biases and the rows of
 * single tokens take the place of the base's.
 *
 * <p>Dimensions: r rank, in and out of a map, V entries and C width of a table, X experts.
 */
public final class LoraAdapter {
    private static final JsonMapper JSON = ForeignJson.mapper().build();
    private static final String PREFIX = "base_model.model.";
    private static final String TOKENS = ".token_adapter.trainable_tokens_delta";
    private static final String MAGNITUDE = ".lora_magnitude_vector";
    /** Settings that change the sum, and are not done. */
    private static final List<String> REFUSED = List.of(
            "use_qalora", "alora_invocation_tokens", "arrow_config", "kasa_config", "use_bdlora", "monteclora_config",
            "layer_replication");
    /** Beginnings that change the base as well. */
    private static final List<String> REFUSED_STARTS = List.of("pissa", "olora", "loftq", "corda", "lora_ga");
    /** Many times what matching the patterns of real adapters takes. */
    private static final long PATTERN_STEPS = 20_000_000;

    private final Path folder;
    private final JsonNode settings;

    /**
     * The model that is changed.
     *
     * @param named weights by the names of checkpoints, mostly views of the parameters
     * @param parameters its parameters
     * @param map the names
     */
    private record Base(Map<String, Tensor> named, Map<String, Tensor> parameters, WeightMap map) {
        static Base of(Model model) {
            Map<String, Tensor> parameters = model.network().tensors();
            return new Base(model.named(parameters), parameters, model.identity().weights());
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
        if (!settings.path("peft_type").asText("LORA").equals("LORA") || !settings.path("lora_alpha").isNumber()) {
            throw new ConfigException("adapter: got peft_type " + settings.path("peft_type") + " and lora_alpha "
                    + settings.path("lora_alpha") + ", allowed LORA and a number, in " + file);
        }
        for (String key : REFUSED) {
            JsonNode value = settings.path(key);
            boolean none = value.isMissingNode() || value.isNull() || value.isBoolean() && !value.booleanValue()
                    || value.isContainerNode() && value.isEmpty();
            if (!none) {
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
     * The stored names that the model ties to others and the adapter changes by themselves: the model must hold them
     * apart before the merge.
     */
    public Set<String> apart(Model model) {
        Base base = Base.of(model);
        Set<String> apart = new LinkedHashSet<>();
        try (TensorFile stored = file()) {
            Map<String, String> whole = new LinkedHashMap<>();
            stored.tensors().keySet().stream().filter(LoraAdapter::isWhole)
                    .forEach(name -> whole.put(base.map().full(own(name)), name));
            for (String name : stored.tensors().keySet()) {
                String weight = base.map().full(weight(name));
                if (base.map().ties(weight) && !isWhole(name) && !name.endsWith(TOKENS)) {
                    apart.add(weight);
                }
                if (name.endsWith(".lora_embedding_A")) {
                    apart.addAll(base.map().tiedTo(weight));
                }
            }
            whole.forEach((weight, name) -> {
                String other = whole.get(base.map().full(base.map().written(weight)));
                if (base.map().ties(weight) && (other == null
                        || !Scopes.get(() -> stored.tensor(name).equal(stored.tensor(other))))) {
                    apart.add(weight);
                }
                // A module that is trained whole is a copy, which shares nothing; constants are trained in place.
                if (weight.endsWith(".weight") && !settings.path("ensure_weight_tying").asBoolean()) {
                    base.map().tiedTo(weight).stream().filter(tied -> !whole.containsKey(tied)).forEach(apart::add);
                }
            });
        }
        return apart;
    }

    /**
     * Adds the differences to a model's parameters, in place; what was trained whole takes the place of the base's.
     *
     * @throws CheckpointException if the file is missing or does not fit the model, or changes one of two tables that
     *     the model ties, which {@link org.jformers.model.auto.AutoModel#load(Path, Path)} takes apart; parameters
     *     named before are changed then, so that the model is of no use
     */
    public void mergeInto(Model model) {
        Set<String> apart = apart(model);
        if (!apart.isEmpty()) {
            throw new CheckpointException("adapter: it changes " + apart + " by themselves, which the model ties to"
                    + " other weights; load both with AutoModel.load(base, adapter), in " + folder);
        }
        Scopes.run(() -> {
            try (NoGrad noGrad = new NoGrad();
                    TensorFile stored = file()) {
                Base base = Base.of(model);
                WorkBudget patterns = WorkBudget.of("matching alpha_pattern", PATTERN_STEPS, PATTERN_STEPS);
                Set<String> names = stored.tensors().keySet();
                names.stream().filter(LoraAdapter::isWhole).forEach(name -> Scopes.run(() -> {
                    Tensor whole = stored.tensor(name);
                    target(own(name), whole, base).copy_(whole);
                }));
                names.stream().filter(name -> !isWhole(name))
                        .forEach(name -> Scopes.run(() -> merge(name, stored, base, patterns)));
            }
        });
    }

    TensorFile file() {
        return Stream.of("adapter_model.safetensors", "adapter_model.bin")
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(TensorFile::open)
                .orElseThrow(() -> new CheckpointException(
                        "adapter: neither adapter_model.safetensors nor adapter_model.bin is in " + folder));
    }

    /** What a name is of by itself: neither of differences nor of what a module was before it was trained whole. */
    private static boolean isWhole(String name) {
        return !name.contains(".lora_") && !name.contains(".original_module.") && !name.endsWith(TOKENS);
    }

    private void merge(String name, TensorFile stored, Base base, WorkBudget patterns) {
        String weight = weight(name);
        if (name.endsWith(".lora_A.weight")) {
            String nameOfB = name.replace(".lora_A.", ".lora_B.");
            if (isExperts(weight, base)) {
                mergeExperts(weight, stored, name, nameOfB, base, patterns);
                return;
            }
            Tensor product = difference(weight, stored, name, nameOfB, patterns);
            Tensor sum = base.map().transposes(base.map().full(weight)) ? product.t() : product;
            Tensor target = target(weight, sum, base).add_(sum);
            String magnitude = magnitude(name, stored);
            if (magnitude == null && settings.path("use_dora").asBoolean()) {
                throw new CheckpointException("adapter: the magnitude of " + weight + " is missing, in " + folder);
            }
            if (magnitude != null) {
                scaleRows(target, sum.is_same(product) ? 0 : 1, stored.tensor(magnitude));
            }
        } else if (name.endsWith(".lora_embedding_A")) {
            if (magnitude(name, stored) != null) {
                throw new CheckpointException("adapter: got a magnitude for the table " + weight
                        + ", allowed for linear maps, in " + folder);
            }
            Tensor sum = difference(weight, stored, name, name.replace("_A", "_B"), patterns).t();
            target(weight, sum, base).add_(sum);
        } else if (name.endsWith(".lora_B.bias")) {
            Tensor bias = stored.tensor(name).mul(new Scalar(scale(weight, stored, name.replace("B.bias", "A.weight"),
                    1, patterns)));
            target(weight.replaceAll("weight$", "bias"), bias, base).add_(bias);
        } else if (name.endsWith(TOKENS)) {
            Tensor rows = stored.tensor(name);
            Tensor table = target(weight, base);
            table.index_copy_(0, tokens(weight, rows, table), rows.to(Tensors.type(table)));
        } else if (!name.contains(".original_module.") && Stream.of(
                ".lora_B.weight", ".lora_embedding_B", MAGNITUDE, MAGNITUDE + ".weight").noneMatch(name::endsWith)) {
            throw new CheckpointException("adapter: got " + name + ", allowed lora_A and lora_B, in " + folder);
        }
    }

    /** The weight that a name is about; a whole one's own. */
    private String weight(String name) {
        if (isWhole(name)) {
            return own(name);
        }
        int end = name.endsWith(TOKENS) ? name.length() - TOKENS.length() : Math.max(0, name.indexOf(".lora_"));
        return own(name.substring(0, end)) + ".weight";
    }

    /** A name in the base. */
    private String own(String name) {
        if (!name.startsWith(PREFIX)) {
            throw new CheckpointException("adapter: got " + name + ", allowed names with " + PREFIX + ", in " + folder);
        }
        return (name.substring(PREFIX.length()) + ".").replace(".modules_to_save.", ".").replace(".base_layer.", ".")
                .replaceAll("\\.$", "");
    }

    private static String magnitude(String nameOfA, TensorFile stored) {
        String magnitude = nameOfA.substring(0, nameOfA.indexOf(".lora_")) + MAGNITUDE;
        return Stream.of(magnitude, magnitude + ".weight")
                .filter(stored.tensors()::containsKey).findFirst().orElse(null);
    }

    /** Gives each row of a matrix (or column, where rows are outputs no more) the length that was trained. */
    private void scaleRows(Tensor weight, long outputs, Tensor magnitude) {
        if (magnitude.numel() != weight.size(outputs)) {
            throw new CheckpointException("adapter: got a magnitude of " + magnitude.numel()
                    + " numbers for a matrix of "
                    + Arrays.toString(weight.shape()) + ", in " + folder);
        }
        Tensor length = weight.to(ScalarType.Float).pow(new Scalar(2)).sum(new long[] {1 - outputs}, true, null).sqrt();
        Tensor factor = magnitude.to(ScalarType.Float).view(outputs == 0 ? new long[] {-1, 1} : new long[] {1, -1})
                .div(length);
        weight.copy_(weight.to(ScalarType.Float).mul(factor));
    }

    /** Whether a module is a list of experts that transformers 5 keeps in one tensor. */
    private static boolean isExperts(String weight, Base base) {
        return weight.endsWith(".experts.weight") && !base.named().containsKey(base.map().written(weight));
    }

    /**
     * Differences of all experts' matrices, stored side by side: A is [X r, in], B [out, r X]. Two parameters have the
     * same module; their shapes tell them apart.
     */
    private void mergeExperts(
            String weight, TensorFile stored, String nameOfA, String nameOfB, Base base, WorkBudget patterns) {
        String module = weight.replaceAll("\\.weight$", ".");
        Tensor a = matrix(stored, nameOfA);
        Tensor b = matrix(stored, nameOfB);
        for (String parameter : List.of("gate_up_proj", "down_proj")) {
            List<Tensor> experts = base.map()
                    .heldBy(base.map().full(module + parameter), base.parameters().keySet()).stream()
                    .map(base.parameters()::get).toList();
            if (!experts.isEmpty() && Arrays.equals(experts.get(0).shape(), new long[] {b.size(0), a.size(1)})
                    && a.size(0) == b.size(1) && a.size(0) % experts.size() == 0) {
                long rank = a.size(0) / experts.size();
                Scalar scale = new Scalar(scale(module + parameter, stored, nameOfA, experts.size(), patterns));
                Tensor b_ORX = b.view(b.size(0), rank, experts.size());
                for (int i = 0; i < experts.size(); i++) {
                    Tensor difference = b_ORX.select(2, i).matmul(a.narrow(0, i * rank, rank));
                    experts.get(i).add_(difference.mul(scale));
                }
                return;
            }
        }
        throw new CheckpointException("adapter: got " + nameOfA + " of " + Arrays.toString(a.shape()) + " and "
                + Arrays.toString(b.shape()) + ", which fit no parameter of the model's experts, in " + folder);
    }

    /** scale B A, [out, in]. */
    private Tensor difference(
            String weight, TensorFile stored, String nameOfA, String nameOfB, WorkBudget patterns) {
        Tensor a = matrix(stored, nameOfA);
        Tensor b = matrix(stored, nameOfB);
        if (a.size(0) != b.size(1)) {
            throw new CheckpointException("adapter: got " + Arrays.toString(a.shape()) + " and "
                    + Arrays.toString(b.shape()) + " for " + weight + ", allowed [r, in] and [out, r], in " + folder);
        }
        return b.matmul(a).mul(new Scalar(scale(weight, stored, nameOfA, 1, patterns)));
    }

    private Tensor matrix(TensorFile stored, String name) {
        if (!stored.tensors().containsKey(name)) {
            throw new CheckpointException("adapter: " + name + " is missing, in " + folder);
        }
        Tensor matrix = stored.tensor(name).to(ScalarType.Float);
        if (matrix.dim() != 2) {
            throw new CheckpointException("adapter: got " + Arrays.toString(matrix.shape()) + " for " + name
                    + ", allowed matrices, in " + folder);
        }
        return matrix;
    }

    /** alpha / r, or alpha / sqrt(r). */
    private double scale(String weight, TensorFile stored, String nameOfA, int experts, WorkBudget patterns) {
        double rank = (double) stored.tensors().get(nameOfA).shape().get(0) / experts;
        double alpha = alpha(weight.replaceAll("\\.weight$", ""), patterns);
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

    /** The ids of the tokens whose rows were trained, int64, in the order of the rows. */
    private Tensor tokens(String weight, Tensor rows, Tensor table) {
        JsonNode ids = settings.path("trainable_token_indices");
        String module = weight.replaceAll("\\.weight$", "");
        for (Map.Entry<String, JsonNode> entry : ids.properties()) {
            if (module.equals(entry.getKey()) || module.endsWith("." + entry.getKey())) {
                ids = entry.getValue();
            }
        }
        boolean fits = ids.isArray() && ids.size() == rows.size(0) && rows.dim() == 2
                && rows.size(1) == table.size(1) && ids.valueStream().allMatch(
                        id -> id.canConvertToInt() && id.intValue() >= 0 && id.intValue() < table.size(0));
        if (!fits) {
            throw new CheckpointException("adapter: got " + Arrays.toString(rows.shape()) + " rows for trainable_token_"
                    + "indices " + ids + " of " + weight + ", allowed a row for each id below " + table.size(0)
                    + ", in "
                    + folder);
        }
        return Tensors.ofLongs(ids.valueStream().mapToLong(JsonNode::longValue).toArray(), rows.size(0));
    }

    /** The base's weights of that name: a view of a parameter, so that writing to it changes the model. */
    private Tensor target(String name, Tensor wanted, Base base) {
        Tensor weights = target(name, base);
        if (!Arrays.equals(weights.shape(), wanted.shape())) {
            throw new CheckpointException("adapter: got " + Arrays.toString(wanted.shape()) + " for " + name
                    + ", the model has " + Arrays.toString(weights.shape()) + ", in " + folder);
        }
        return weights;
    }

    private Tensor target(String name, Base base) {
        Tensor weights = base.named().get(base.map().written(name));
        if (weights == null) {
            throw new CheckpointException("adapter: the model has no weights named " + name + ", in " + folder);
        }
        if (base.parameters().values().stream().noneMatch(parameter -> parameter.is_alias_of(weights))) {
            throw new CheckpointException("adapter: " + name + " is stored as several parameters, which is not done");
        }
        return weights;
    }
}
