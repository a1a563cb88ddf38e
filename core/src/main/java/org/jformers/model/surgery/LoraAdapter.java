package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;

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
    private static final String MAGNITUDE = ".lora_magnitude_vector";

    private final AdapterFolder adapter;
    private final Path folder;

    /**
     * The model that is changed.
     *
     * @param named weights by the names of checkpoints, mostly views of the parameters
     * @param parameters its parameters
     * @param map the names
     */
    private record Base(Map<String, Tensor> named, Map<String, Tensor> parameters, WeightMap map) {
        static Base of(Model model) {
            Map<String, Tensor> parameters = model.weights();
            return new Base(model.named(parameters), parameters, model.identity().weights());
        }
    }

    private LoraAdapter(AdapterFolder adapter) {
        this.adapter = adapter;
        folder = adapter.folder();
    }

    /**
     * Reads the settings of a folder.
     *
     * @throws ConfigException if there are none, or they ask for what is not done
     */
    public static LoraAdapter open(Path folder) {
        return new LoraAdapter(AdapterFolder.open(folder));
    }

    /** The names of weights, as checkpoints have them, that take the place of the base's. */
    public Set<String> whole() {
        try (TensorFile stored = adapter.file()) {
            return AdapterFolder.names(stored).stream().filter(AdapterFolder::isWhole).map(adapter::own)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** In one line: rank, scale, and how much is changed. */
    public String summary() {
        JsonNode settings = adapter.settings();
        try (TensorFile stored = adapter.file()) {
            Set<String> names = AdapterFolder.names(stored);
            long pairs = names.stream().filter(name -> name.endsWith(".lora_A.weight")
                    || name.endsWith(".lora_embedding_A")).count();
            return "LoRA of rank " + settings.path("r").asInt() + ", alpha " + settings.path("lora_alpha").asDouble()
                    + ", " + pairs + " matrices changed, " + whole().size() + " weights whole";
        }
    }

    /** What {@code config.json} beside the adapter says of the adapted model; an empty object where there is none. */
    public JsonNode config() {
        return adapter.modelConfig();
    }

    /**
     * The stored names that the model ties to others and the adapter changes by themselves: the model must hold them
     * apart before the merge.
     */
    public Set<String> apart(Model model) {
        return Scopes.get(() -> apart(Base.of(model)));
    }

    private Set<String> apart(Base base) {
        Set<String> apart = new LinkedHashSet<>();
        try (TensorFile stored = adapter.file()) {
            Map<String, String> whole = new LinkedHashMap<>();
            AdapterFolder.names(stored).stream().filter(AdapterFolder::isWhole)
                    .forEach(name -> whole.put(base.map().full(adapter.own(name)), name));
            for (String name : AdapterFolder.names(stored)) {
                String weight = base.map().full(adapter.weight(name));
                if (base.map().ties(weight) && !AdapterFolder.isWhole(name) && !name.endsWith(AdapterFolder.TOKENS)) {
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
                if (weight.endsWith(".weight") && !adapter.settings().path("ensure_weight_tying").asBoolean()) {
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
                    TensorFile stored = adapter.file()) {
                Set<String> names = AdapterFolder.names(stored);
                own(model, names);
                Base base = Base.of(model);
                WorkBudget patterns = AdapterFolder.patterns();
                names.stream().filter(AdapterFolder::isWhole).forEach(name -> Scopes.run(() -> {
                    Tensor whole = stored.tensor(name);
                    target(adapter.own(name), whole.shape(), base).copy_(whole);
                }));
                names.stream().filter(name -> !AdapterFolder.isWhole(name))
                        .forEach(name -> Scopes.run(() -> merge(name, stored, base, patterns)));
            }
        });
    }

    /**
     * Gives the parameters that are changed memory of their own: to write into a map of a file, page by page, costs
     * five times as much.
     */
    private void own(Model model, Set<String> names) {
        Map<String, Tensor> parameters = model.weights();
        WeightMap map = model.identity().weights();
        Set<String> changed = new LinkedHashSet<>();
        names.forEach(name -> changed.addAll(
                map.heldBy(map.full(map.written(adapter.weight(name))), parameters.keySet())));
        changed.forEach(name -> Scopes.run(() -> {
            Tensor parameter = Objects.requireNonNull(parameters.get(name));
            parameter.set_data(parameter.clone());
        }));
    }

    private void merge(String name, TensorFile stored, Base base, WorkBudget patterns) {
        String weight = adapter.weight(name);
        if (name.endsWith(".lora_A.weight")) {
            String nameOfB = name.replace(".lora_A.", ".lora_B.");
            if (isExperts(weight, base)) {
                mergeExperts(weight, stored, name, nameOfB, base, patterns);
                return;
            }
            boolean transposed = base.map().transposes(base.map().full(weight));
            Tensor target = add(weight, matrix(stored, name), matrix(stored, nameOfB), transposed, base,
                    scale(weight, stored, name, 1, patterns));
            String magnitude = magnitude(name, stored);
            if (magnitude == null && adapter.settings().path("use_dora").asBoolean()) {
                throw new CheckpointException("adapter: the magnitude of " + weight + " is missing, in " + folder);
            }
            if (magnitude != null) {
                scaleRows(target, transposed ? 1 : 0, stored.tensor(magnitude));
            }
        } else if (name.endsWith(".lora_embedding_A")) {
            if (magnitude(name, stored) != null) {
                throw new CheckpointException("adapter: got a magnitude for the table " + weight
                        + ", allowed for linear maps, in " + folder);
            }
            add(weight, matrix(stored, name), matrix(stored, name.replace("_A", "_B")), true, base,
                    scale(weight, stored, name, 1, patterns));
        } else if (name.endsWith(".lora_B.bias")) {
            Tensor bias = stored.tensor(name).mul(new Scalar(scale(weight, stored, name.replace("B.bias", "A.weight"),
                    1, patterns)));
            Tensor target = target(weight.replaceAll("weight$", "bias"), bias.shape(), base);
            target.add_(Tensors.beside(bias, target));
        } else if (name.endsWith(AdapterFolder.TOKENS)) {
            Tensor rows = stored.tensor(name);
            Tensor table = target(weight, base);
            table.index_copy_(
                    0, Tensors.beside(tokens(weight, rows, table), table), Tensors.alike(rows, table));
        } else if (name.endsWith(".lora_B.weight")) {
            matrix(stored, name.replace(".lora_B.", ".lora_A.")); // with which it is merged
        } else if (Stream.of(".lora_embedding_B", MAGNITUDE, MAGNITUDE + ".weight").noneMatch(name::endsWith)) {
            throw new CheckpointException("adapter: got " + name + ", allowed lora_A and lora_B, in " + folder);
        }
    }

    private static @Nullable String magnitude(String nameOfA, TensorFile stored) {
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
        Tensor factor = Tensors.beside(magnitude, weight).to(ScalarType.Float)
                .view(outputs == 0 ? new long[] {-1, 1} : new long[] {1, -1})
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
                    experts.get(i).add_(Tensors.beside(difference.mul(scale), experts.get(i)));
                }
                return;
            }
        }
        throw new CheckpointException("adapter: got " + nameOfA + " of " + Arrays.toString(a.shape()) + " and "
                + Arrays.toString(b.shape()) + ", which fit no parameter of the model's experts, in " + folder);
    }

    /**
     * Adds scale B A, [out, in], to the base's matrix.
     *
     * @param transposed whether the base's is [in, out]
     * @return the base's matrix
     */
    private Tensor add(String weight, Tensor a, Tensor b, boolean transposed, Base base, double scale) {
        if (a.size(0) != b.size(1)) {
            throw new CheckpointException("adapter: got " + Arrays.toString(a.shape()) + " and "
                    + Arrays.toString(b.shape()) + " for " + weight + ", allowed [r, in] and [out, r], in " + folder);
        }
        long out = transposed ? a.size(1) : b.size(0);
        long in = transposed ? b.size(0) : a.size(1);
        Tensor target = target(weight, new long[] {out, in}, base);
        Tensor left = Tensors.beside(transposed ? a.t() : b, target);
        Tensor right = Tensors.beside(transposed ? b.t() : a, target);
        return Tensors.type(target) == ScalarType.Float
                ? target.addmm_(left, right, new Scalar(1), new Scalar(scale))
                : target.add_(left.matmul(right).mul(new Scalar(scale)));
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

    /** The rank is that of the stored A, which may be that of several experts side by side. */
    private double scale(String weight, TensorFile stored, String nameOfA, int experts, WorkBudget patterns) {
        double rank = (double) matrix(stored, nameOfA).size(0) / experts;
        return adapter.scale(weight.replaceAll("\\.weight$", ""), rank, patterns);
    }

    /** The ids of the tokens whose rows were trained, int64, in the order of the rows. */
    private Tensor tokens(String weight, Tensor rows, Tensor table) {
        JsonNode ids = adapter.settings().path("trainable_token_indices");
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
    private Tensor target(String name, long[] shape, Base base) {
        Tensor weights = target(name, base);
        if (!Arrays.equals(weights.shape(), shape)) {
            throw new CheckpointException("adapter: got " + Arrays.toString(shape) + " for " + name
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
