package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.checkpoint.TensorFile;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.nn.Linear;
import org.jformers.nn.LowRank;
import org.jformers.nn.Parameter;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Low-rank matrices in training on a model whose own weights are frozen, all but those of its head where it has one of
 * its task. Saved as PEFT 0.21 does, so that Python and {@link LoraAdapter} read it. Source: arXiv:2106.09685.
 */
public final class Lora {
    /** The maps that adapters of each kind of model usually change, the first that a model has. */
    private static final List<List<String>> USUAL = List.of(
            List.of("query", "value"), List.of("q_proj", "v_proj"), List.of("q_lin", "v_lin"), List.of("c_attn"),
            List.of("query_proj", "value_proj"), List.of("q", "v"), List.of("Wqkv"), List.of("Wq", "Wv"));
    private static final String PREFIX = "base_model.model.";
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    private final Model model;
    private final Spec spec;
    private final List<Target> targets;

    /**
     * @param rank r, at least 1
     * @param alpha what is added is scaled by alpha / r
     * @param dropout rate on the input of the added matrices, in [0, 1)
     * @param targets names of maps as checkpoints have them, whole or their ends; the usual ones of the kind if empty
     * @param rankStabilized whether the scale is alpha / sqrt(r) instead (arXiv:2312.03732)
     */
    public record Spec(int rank, double alpha, double dropout, List<String> targets, boolean rankStabilized) {
        public Spec {
            targets = List.copyOf(targets);
            if (rank < 1 || !(alpha > 0) || !(dropout >= 0 && dropout < 1)) {
                throw new ConfigException("lora: got rank " + rank + ", alpha " + alpha + ", dropout " + dropout
                        + ", allowed rank >= 1, alpha > 0, dropout in [0, 1)");
            }
        }

        double scale() {
            return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
        }
    }

    /** A map of a checkpoint: its module's name there, where its rows are in which of our maps, and what is added. */
    private record Target(String module, String path, LowRank.Part part, boolean transposed) {}

    private Lora(Model model, Spec spec, List<Target> targets) {
        this.model = model;
        this.spec = spec;
        this.targets = targets;
    }

    /**
     * Freezes a model, but its head, and adds matrices to it: A random, B zero, so that it computes as before.
     *
     * @throws ConfigException if no map has such a name, or a map cannot be changed alone
     */
    public static Lora attach(Model model, Spec spec) {
        List<Target> all = targets(model, spec);
        List<String> wanted = spec.targets().isEmpty() ? usual(model, all) : spec.targets();
        Predicate<String> isWanted = module ->
                wanted.stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
        List<Target> chosen = all.stream().filter(target -> isWanted.test(target.module())).toList();
        for (String name : wanted) {
            if (all.stream().noneMatch(t -> t.module().equals(name) || t.module().endsWith("." + name))) {
                throw new ConfigException("lora target: got " + name + ", allowed ends of the names of linear maps: "
                        + leaves(all) + ", in " + model.identity().architecture());
            }
        }
        Map<String, Parameter> parameters = model.network().parameters();
        parameters.forEach((name, parameter) -> parameter.freeze(!isHead(model, name, parameter)));
        Map<String, List<Target>> byMap = new LinkedHashMap<>();
        chosen.forEach(target -> byMap.computeIfAbsent(target.path(), path -> new ArrayList<>()).add(target));
        byMap.forEach((path, some) -> {
            Linear map = model.network().linears().get(path);
            long[] shape = map.weight().shape();
            LowRank kernel = new LowRank(shape[1], shape[0], some.stream().map(Target::part).toList());
            fill(kernel, some.size(), shape[1]);
            map.replaceKernel("lowRank", kernel);
        });
        return new Lora(model, spec, chosen);
    }

    private static void fill(LowRank kernel, int parts, long in) {
        double bound = 1 / Math.sqrt(in);
        try (NoGrad noGrad = new NoGrad()) {
            for (int i = 0; i < parts; i++) {
                Tensors.fillUniform(kernel.down(i), -bound, bound);
                kernel.up(i).zero_();
            }
        }
    }

    /** Heads that classify are trained whole beside the adapter: all that the model has besides its body's weights. */
    private static boolean isHead(Model model, String name, Parameter parameter) {
        return switch (model.identity().task()) {
            case SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, QUESTION_ANSWERING, MULTIPLE_CHOICE,
                    IMAGE_CLASSIFICATION -> name.startsWith("head.") && model.named(Map.of(name, parameter.tensor()))
                            .keySet().stream().noneMatch(model.identity().weights()::isOfBody);
            default -> false;
        };
    }

    private static List<String> usual(Model model, List<Target> all) {
        TreeSet<String> leaves = leaves(all);
        return USUAL.stream().filter(leaves::containsAll).findFirst().orElseThrow(() -> new ConfigException(
                "lora targets: got none for " + model.identity().architecture() + ", allowed some of " + leaves));
    }

    private static TreeSet<String> leaves(List<Target> all) {
        TreeSet<String> leaves = new TreeSet<>();
        all.forEach(target -> leaves.add(target.module().replaceFirst(".*\\.", "")));
        return leaves;
    }

    /** Every matrix of a checkpoint that is, whole, some rows of one of our maps. */
    private static List<Target> targets(Model model, Spec spec) {
        List<Target> targets = new ArrayList<>();
        Map<String, Tensor> parameters = model.network().tensors();
        model.network().linears().forEach((path, map) -> {
            String name = path + ".weight";
            if (parameters.containsKey(name)) { // tables that are shared are other modules' matrices
                Scopes.run(() -> stored(model, name, map.weight()).forEach((module, rows) -> targets.add(new Target(
                        module, path,
                        new LowRank.Part(rows.first(), rows.count(), spec.rank(), spec.scale(), spec.dropout()),
                        rows.transposed()))));
            }
        });
        return targets;
    }

    private record Rows(long first, long count, boolean transposed) {}

    /**
     * By the names of modules in checkpoints: which rows of a matrix they hold, told by storing the numbers of rows.
     */
    private static Map<String, Rows> stored(Model model, String parameter, Tensor weight) {
        long rows = weight.size(0);
        long columns = weight.size(1);
        Map<String, Tensor> numbered;
        try {
            numbered = model.named(Map.of(
                    parameter, Tensors.range(0, rows).unsqueeze(1).expand(rows, columns)));
        } catch (CheckpointException e) {
            return Map.of(); // stored with others as one
        }
        Map<String, Rows> found = new LinkedHashMap<>();
        numbered.forEach((name, row) -> {
            if (row.dim() != 2 || !name.endsWith(".weight")) {
                return;
            }
            boolean transposed = row.size(0) > 1 && row.select(0, 0).equal(row.select(0, 1))
                    && row.size(1) != 1;
            Tensor first = transposed ? row.select(0, 0) : row.select(1, 0);
            long begin = first.select(0, 0).item_long();
            if (first.equal(Tensors.range(begin, begin + first.size(0)))) {
                found.put(name.substring(0, name.length() - ".weight".length()),
                        new Rows(begin, first.size(0), transposed));
            }
        });
        return found;
    }

    /** Names of the modules that have matrices added, as checkpoints have them. */
    public List<String> modules() {
        return targets.stream().map(Target::module).toList();
    }

    /** A and B of each module under PEFT's names, and what is trained whole; views of the parameters. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        each((target, kernel, part) -> {
            named.put(PREFIX + target.module() + ".lora_A.weight", kernel.down(part));
            named.put(PREFIX + target.module() + ".lora_B.weight", kernel.up(part));
        });
        whole().forEach((name, tensor) -> named.put(PREFIX + name, tensor));
        return named;
    }

    private Map<String, Tensor> whole() {
        Map<String, Tensor> head = new LinkedHashMap<>();
        model.network().parameters().forEach((name, parameter) -> {
            if (isHead(model, name, parameter)) {
                head.put(name, parameter.tensor());
            }
        });
        return head.isEmpty() ? head : model.named(head);
    }

    private interface Visitor {
        void visit(Target target, LowRank kernel, int part);
    }

    private void each(Visitor visitor) {
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Target target : targets) {
            int part = seen.merge(target.path(), 1, Integer::sum) - 1;
            visitor.visit(target, (LowRank) model.network().linears().get(target.path()).kernel(), part);
        }
    }

    /**
     * Takes over the matrices of an adapter that was saved, to train it further.
     *
     * @throws CheckpointException if it has others than this one
     */
    public void load(Path folder) {
        try (TensorFile file = LoraAdapter.open(folder).file(); NoGrad noGrad = new NoGrad()) {
            Map<String, Tensor> named = tensors();
            if (!named.keySet().equals(file.tensors().keySet())) {
                TreeSet<String> other = new TreeSet<>(named.keySet());
                other.removeAll(file.tensors().keySet());
                throw new CheckpointException("adapter: its matrices are not those of the model, which has "
                        + named.size() + (other.isEmpty() ? "" : ", such as " + other.first()) + ", in " + folder);
            }
            named.forEach((name, tensor) -> Scopes.run(() -> tensor.copy_(file.tensor(name))));
        }
    }

    /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder, as PEFT does. */
    public void save(Path folder, String base) {
        Scopes.run(() -> {
            Map<String, Tensor> contiguous = new LinkedHashMap<>();
            tensors().forEach((name, tensor) -> contiguous.put(name, tensor.detach().contiguous()));
            SafetensorsWriter.write(folder.resolve(WEIGHTS), contiguous);
        });
        AtomicFile.write(folder.resolve(CONFIG),
                (config(base).toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private ObjectNode config(String base) {
        ObjectNode json = JsonMapper.builder().build().createObjectNode();
        json.put("base_model_name_or_path", base).put("bias", "none");
        json.put("fan_in_fan_out", targets.stream().anyMatch(Target::transposed));
        json.put("inference_mode", true).put("init_lora_weights", true);
        json.put("lora_alpha", spec.alpha()).put("lora_dropout", spec.dropout());
        TreeSet<String> saved = new TreeSet<>();
        whole().keySet().forEach(name -> saved.add(name.replaceFirst("\\..*", "")));
        if (saved.isEmpty()) {
            json.putNull("modules_to_save");
        } else {
            saved.forEach(json.putArray("modules_to_save")::add);
        }
        json.put("peft_type", "LORA").put("r", spec.rank());
        TreeSet<String> names = new TreeSet<>();
        targets.forEach(target -> names.add(spec.targets().isEmpty()
                ? target.module().replaceFirst(".*\\.", "")
                : ending(target.module())));
        names.forEach(json.putArray("target_modules")::add);
        taskType().ifPresentOrElse(type -> json.put("task_type", type), () -> json.putNull("task_type"));
        return json.put("use_dora", false).put("use_rslora", spec.rankStabilized());
    }

    private String ending(String module) {
        return spec.targets().stream()
                .filter(name -> module.equals(name) || module.endsWith("." + name)).findFirst().orElse(module);
    }

    private Optional<String> taskType() {
        return switch (model.identity().task()) {
            case SEQUENCE_CLASSIFICATION -> Optional.of("SEQ_CLS");
            case TOKEN_CLASSIFICATION -> Optional.of("TOKEN_CLS");
            case QUESTION_ANSWERING -> Optional.of("QUESTION_ANS");
            case CAUSAL_LM -> Optional.of("CAUSAL_LM");
            case SEQ2SEQ_LM -> Optional.of("SEQ_2_SEQ_LM");
            default -> Optional.empty();
        };
    }
}
