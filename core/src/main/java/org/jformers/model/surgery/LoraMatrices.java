package org.jformers.model.surgery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.TensorFile;
import org.jformers.checkpoint.TensorInfo;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.nn.LowRank;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.WorkBudget;

/** The matrices of one adapter for the linear maps of a model: what computes with them, and their names in files. */
final class LoraMatrices {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final List<Target> targets;
    private final Map<String, LowRank> kernels = new LinkedHashMap<>();

    /**
     * What is changed.
     *
     * @param module the name of a linear map in the adapter's files, without what all of them begin with
     * @param rows where it is in the model
     * @param rank r
     * @param scale of what is added
     * @param dropout rate on the input of the added matrices
     */
    record Target(String module, MapRows rows, int rank, double scale, double dropout) {
        private LowRank.Part part() {
            return new LowRank.Part(rows.first(), rows.count(), rank, scale, dropout);
        }
    }

    /** Makes matrices without values on a device. */
    LoraMatrices(List<Target> targets, Device device) {
        this.targets = List.copyOf(targets);
        Map<String, List<Target>> byMap = new LinkedHashMap<>();
        targets.forEach(target ->
                byMap.computeIfAbsent(target.rows().path(), path -> new ArrayList<>()).add(target));
        byMap.forEach((path, some) -> kernels.put(path, device.making(() -> new LowRank(
                some.get(0).rows().in(), some.get(0).rows().out(), some.stream().map(Target::part).toList()))));
    }

    /**
     * The matrices of a file.
     *
     * @throws CheckpointException if they do not fit the model
     * @throws ConfigException if the adapter has anything else than pairs of matrices for linear maps and what is whole
     */
    static LoraMatrices read(AdapterFolder adapter, TensorFile file, Model model) {
        requirePairs(adapter, file);
        LoraMatrices matrices = new LoraMatrices(targets(adapter, file, model), model.device());
        try (NoGrad noGrad = new NoGrad()) {
            matrices.tensors().forEach((name, tensor) -> Scopes.run(() -> tensor.copy_(file.tensor(name))));
        }
        return matrices;
    }

    /** What can be merged only is refused by name. */
    private static void requirePairs(AdapterFolder adapter, TensorFile file) {
        for (String key : List.of("use_dora", "lora_bias", "trainable_token_indices", "target_parameters")) {
            if (adapter.says(key)) {
                throw mergedOnly(adapter, key + " " + adapter.settings().path(key));
            }
        }
        for (String name : AdapterFolder.names(file)) {
            boolean pair = name.endsWith(A) || name.endsWith(B);
            if (!pair && !AdapterFolder.isWhole(name)) {
                throw mergedOnly(adapter, name);
            }
            String other = name.endsWith(A) ? name.replace(A, B) : name.replace(B, A);
            if (pair && !file.tensors().containsKey(other)) {
                throw new CheckpointException("adapter: " + other + " is missing, in " + adapter.folder());
            }
        }
    }

    private static ConfigException mergedOnly(AdapterFolder adapter, String what) {
        return new ConfigException("adapter: got " + what + ", which is merged only (AutoModel.load(base, adapter), "
                + "--adapter), allowed matrices of linear maps and what is trained whole, in " + adapter.folder());
    }

    private static List<Target> targets(AdapterFolder adapter, TensorFile file, Model model) {
        WeightMap names = model.identity().weights();
        Map<String, MapRows> maps = MapRows.all(model);
        WorkBudget patterns = AdapterFolder.patterns();
        double dropout = adapter.settings().path("lora_dropout").asDouble();
        List<Target> targets = new ArrayList<>();
        file.tensors().keySet().stream().filter(name -> name.endsWith(A)).forEach(name -> {
            String weight = adapter.weight(name);
            MapRows rows = maps.get(names.written(weight).replaceAll("\\.weight$", ""));
            if (rows == null || names.ties(names.full(weight))) {
                throw new CheckpointException("adapter: the model has no linear map of its own named "
                        + weight.replaceAll("\\.weight$", "") + ", in " + adapter.folder());
            }
            List<Long> a = shape(name, file);
            List<Long> b = shape(name.replace(A, B), file);
            long rank = a.isEmpty() ? 0 : a.get(0);
            if (rank < 1 || rank > Integer.MAX_VALUE || !a.equals(List.of(rank, rows.in()))
                    || !b.equals(List.of(rows.count(), rank))) {
                throw new CheckpointException("adapter: got " + a + " and " + b + " for " + weight
                        + ", allowed [r, " + rows.in() + "] and [" + rows.count() + ", r], in " + adapter.folder());
            }
            String module = name.substring(AdapterFolder.PREFIX.length(), name.length() - A.length());
            double scale = adapter.scale(weight.replaceAll("\\.weight$", ""), rank, patterns);
            targets.add(new Target(module, rows, (int) rank, scale, dropout));
        });
        return targets;
    }

    /** First values: B is zero, so that nothing changes. */
    void start(Lora.Start start) {
        try (NoGrad noGrad = new NoGrad()) {
            tensors().forEach((name, tensor) -> {
                if (name.endsWith(B)) {
                    tensor.zero_();
                } else if (start == Lora.Start.GAUSSIAN) {
                    Tensors.fillNormal(tensor, 0, 1.0 / tensor.size(0));
                } else {
                    double bound = 1 / Math.sqrt(tensor.size(1));
                    Tensors.fillUniform(tensor, -bound, bound);
                }
            });
        }
    }

    /** What computes the products of the maps at these paths. */
    Map<String, LowRank> kernels() {
        return kernels;
    }

    List<Target> targets() {
        return targets;
    }

    private static List<Long> shape(String name, TensorFile file) {
        TensorInfo info = file.tensors().get(name);
        if (info == null) {
            throw new CheckpointException("adapter: " + name + " is missing, in " + file.path());
        }
        return info.shape();
    }

    /** A and B of each module under PEFT's names; views of the parameters. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> named = new TreeMap<>();
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Target target : targets) {
            int part = seen.merge(target.rows().path(), 1, Integer::sum) - 1;
            LowRank kernel = Objects.requireNonNull(kernels.get(target.rows().path()));
            named.put(AdapterFolder.PREFIX + target.module() + A, kernel.down(part));
            named.put(AdapterFolder.PREFIX + target.module() + B, kernel.up(part));
        }
        return named;
    }
}
