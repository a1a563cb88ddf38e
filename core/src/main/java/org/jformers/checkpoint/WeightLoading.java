package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/** One run of {@link WeightMap#load}: first everything is compared, then the parameters get their weights. */
final class WeightLoading {
    /**
     * Names of tensors that change what the weight of the same module means: scales of quantized weights, and adapters.
     * Without them that weight is another one.
     */
    private static final Pattern COMPANION = Pattern.compile("(.*)\\.(weight_scale(_inv|_2)?|weight_zero_point|scales|"
            + "qzeros|SCB|weight\\.(absmax|quant_map|quant_state.*)|lora_(A|B|embedding_A|embedding_B|magnitude_vector)"
            + "(\\..*)?)");

    /** What is to be done for one parameter; parts that the checkpoint lacks are empty. */
    private record Assignment(String name, Tensor parameter, List<Optional<String>> stored, WeightLayout layout) {
        boolean whole() {
            return stored.stream().allMatch(Optional::isPresent);
        }
    }

    private final WeightMap map;
    private final Checkpoint checkpoint;
    private final Map<String, Tensor> parameters;
    private final Optional<DType> precision;
    private final StoredNames names;

    private final List<Assignment> assignments = new ArrayList<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    /** The stored tensors that would make a missing parameter up and are not there. */
    private final Map<String, List<String>> absent = new LinkedHashMap<>();
    private final Map<String, String> unexpected = new LinkedHashMap<>();
    private final Map<String, String> mismatched = new LinkedHashMap<>();
    private final Map<String, String> ignored = new LinkedHashMap<>();

    /**
     * @param precision the type that parameters of floating-point numbers get; empty if all keep their types and the
     *     order of their elements in memory
     */
    WeightLoading(WeightMap map, Checkpoint checkpoint, Map<String, Tensor> parameters, Optional<DType> precision) {
        this.map = map;
        this.checkpoint = checkpoint;
        this.parameters = parameters;
        this.precision = precision;
        this.names = new StoredNames(map, checkpoint.names());
    }

    LoadReport run(LoadMode mode, Consumer<Set<String>> starts, Map<String, Predicate<Tensor>> takers) {
        compare();
        LoadReport report = new LoadReport(
                parameters.size() - missing.size() - mismatched.size(), missing, unexpected, mismatched, Map.of(),
                names.renamed(), ignored, Map.of());
        require(mode, report);
        Set<String> fresh = new LinkedHashSet<>(missing.keySet());
        fresh.addAll(mismatched.keySet());
        starts.accept(fresh);
        assignments.forEach(assignment -> {
            Predicate<Tensor> taker = takers.get(assignment.name());
            if (taker == null || !assignment.whole() || !Scopes.get(() -> taker.test(stored(assignment)))) {
                assign(assignment);
            }
        });
        return report;
    }

    /** The parameters that the checkpoint has no weights for, and why. */
    Map<String, String> missing() {
        compare();
        return missing;
    }

    private void compare() {
        Map<String, List<String>> ties = ties();
        Set<String> unused = new LinkedHashSet<>(names.names());
        parameters.forEach((name, parameter) -> {
            List<String> used = plan(name, parameter, ties.getOrDefault(name, List.of()));
            used.forEach(unused::remove);
        });
        unused.forEach(this::explainUnused);
        unexpected.putAll(names.beside());
    }

    private void require(LoadMode mode, LoadReport report) {
        String where = ", in " + checkpoint.source();
        boolean fits = mode.isStrict()
                ? report.exact()
                : mismatched.keySet().stream().allMatch(name -> mode.replaced().contains(name)
                        || mode.replaced().contains(storedName(name)));
        if (!fits) {
            throw new CheckpointException("the checkpoint does not fit the model: " + report.summary() + where);
        }
        unexpected.keySet().forEach(name -> requireAlone(name, where));
        Set<String> lacking = new LinkedHashSet<>(); // several parameters may be stored as one
        missing.keySet().forEach(name -> {
            if (!mode.missing().contains(name)) {
                List<String> tensors = absent.getOrDefault(name, List.of(name));
                tensors.stream()
                        .filter(tensor -> !mode.missing().contains(tensor))
                        .map(names::spelled)
                        .filter(tensor -> !mode.missing().contains(tensor))
                        .forEach(lacking::add);
            }
        });
        if (!lacking.isEmpty()) {
            String others = unexpected.isEmpty() ? ""
                    : "; of its tensors " + unexpected.size() + " mean nothing to the model ("
                            + LoadReport.spelled(unexpected.keySet()) + ")";
            throw new CheckpointException("the checkpoint lacks weights that the model computes with: " + lacking.size()
                    + " missing (" + LoadReport.spelled(lacking) + ")" + others
                    + "; allowed are only those that the caller lets start at random, by name" + where);
        }
    }

    /** Refuses what says that another tensor is not the weight itself. */
    private void requireAlone(String name, String where) {
        Matcher companion = COMPANION.matcher(name);
        if (companion.matches() && checkpoint.names().contains(companion.group(1) + ".weight")) {
            throw new CheckpointException("the checkpoint holds " + quote(name) + " beside "
                    + quote(companion.group(1) + ".weight") + ", allowed are weights that are not quantized and have no"
                    + " adapters" + where);
        }
    }

    private String storedName(String parameter) {
        return map.sources(parameter).stream().findFirst().map(source -> source.stored().get(0)).orElse(parameter);
    }

    /** The checkpoint's names that repeat a parameter, by parameter, in the order of the map's lines. */
    private Map<String, List<String>> ties() {
        Map<String, List<String>> ties = new LinkedHashMap<>();
        for (String name : names.names()) {
            map.tied(name).ifPresent(parameter ->
                    ties.computeIfAbsent(parameter, k -> new ArrayList<>()).add(name));
        }
        ties.values().forEach(repeats ->
                repeats.sort(Comparator.comparingInt(name -> map.order(map.tie(name).get()))));
        return ties;
    }

    /** Decides what the parameter gets; returns the stored names that are explained by it. */
    private List<String> plan(String name, Tensor parameter, List<String> ties) {
        List<WeightMap.Source> sources = map.sources(name);
        if (sources.isEmpty()) {
            missing.put(name, "the weight map has no checkpoint name for it");
            return ties;
        }
        WeightMap.Source source = sources.stream()
                .filter(one -> names.names().containsAll(one.stored()))
                .findFirst()
                .orElse(sources.get(0));
        List<String> stored = source.stored();
        List<String> lacking = stored.stream().filter(n -> !names.names().contains(n)).toList();
        if (!lacking.isEmpty() && stored.size() == 1 && !ties.isEmpty()) {
            stored = ties.subList(0, 1);
        } else if (!lacking.isEmpty()) {
            lack(name, parameter, source, lacking);
            List<String> explained = new ArrayList<>(ties);
            explained.addAll(stored);
            return explained;
        }
        List<String> explained = new ArrayList<>(stored);
        explained.addAll(ties);
        String difference = difference(parameter, stored, source.layout());
        for (String tie : ties) {
            if (difference == null && !equal(tie, stored.get(0))) {
                difference = contradiction(tie, stored.get(0));
            }
        }
        for (String one : stored) {
            Optional<String> other = names.contested(one).filter(twice -> !sameBits(twice, names.stored(one)));
            if (difference == null && other.isPresent()) {
                difference = quote(other.get()) + " and " + quote(names.stored(one)) + " both stand for " + one
                        + ", but they differ in the checkpoint";
            }
        }
        if (difference == null) {
            assignments.add(new Assignment(
                    name, parameter, stored.stream().map(Optional::of).toList(), source.layout()));
        } else {
            mismatched.put(name, difference);
        }
        return explained;
    }

    /** Notes a parameter that not all of its stored tensors are there for; those that are keep their places in it. */
    private void lack(String name, Tensor parameter, WeightMap.Source source, List<String> lacking) {
        missing.put(name, "the checkpoint has no " + names.spelled(lacking.get(0)) + instead(lacking.get(0)));
        absent.put(name, lacking);
        if (lacking.size() == source.stored().size()) {
            return;
        }
        List<List<Long>> shapes = Scopes.get(() -> source.layout().split(parameter.detach()).stream()
                .map(part -> LongStream.of(part.shape()).boxed().toList())
                .toList());
        List<Optional<String>> stored = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            String part = source.stored().get(i);
            boolean there = !lacking.contains(part);
            if (there && !info(part).shape().equals(shapes.get(i))) {
                mismatched.put(name, "shape " + info(part).shape() + " of " + part + " in the checkpoint, "
                        + shapes.get(i) + " in the model");
            }
            stored.add(there ? Optional.of(part) : Optional.empty());
        }
        if (mismatched.containsKey(name)) {
            missing.remove(name);
        } else {
            assignments.add(new Assignment(name, parameter, stored, source.layout()));
        }
    }

    /** What the checkpoint has of the same module in the place of a tensor, such as the parts of a quantized one. */
    private String instead(String lacking) {
        String module = lacking.substring(0, lacking.lastIndexOf('.') + 1);
        return names.names().stream()
                .filter(name -> !module.isEmpty() && name.startsWith(module) && !map.knows(name))
                .findFirst()
                .map(name -> ", but " + name)
                .orElse("");
    }

    private static String contradiction(String tie, String stored) {
        return "the model ties " + tie + " to " + stored + ", but they differ in the checkpoint";
    }

    /** The stored names, in full, that the map ties to others whose weights differ, and which. */
    Map<String, String> contradictions() {
        Map<String, String> contradictions = new LinkedHashMap<>();
        ties().forEach((parameter, repeats) -> map.sources(parameter).stream().findFirst().ifPresent(source -> {
            String own = source.stored().get(0);
            String stored = names.names().contains(own) ? own : repeats.get(0);
            repeats.stream()
                    .filter(name -> !map.tie(name).get().older() && !equal(name, stored))
                    .forEach(name -> contradictions.put(name, contradiction(name, stored)));
        }));
        return contradictions;
    }

    /** Why the stored tensors cannot become the parameter, or null if they can. */
    private @Nullable String difference(Tensor parameter, List<String> stored, WeightLayout layout) {
        List<TensorInfo> infos = stored.stream().map(this::info).toList();
        List<Long> wanted = new ArrayList<>();
        for (long size : parameter.shape()) {
            wanted.add(size);
        }
        try {
            List<Long> shape = layout.shape(infos.stream().map(TensorInfo::shape).toList());
            if (!shape.equals(wanted)) {
                return "shape " + shape + " in the checkpoint, " + wanted + " in the model";
            }
        } catch (IllegalArgumentException e) {
            return e.getMessage() + ", the model has " + wanted;
        }
        DType type = DType.of(parameter);
        for (TensorInfo info : infos) {
            if (info.dtype() != type && !(info.dtype().isFloatingPoint() && type.isFloatingPoint())) {
                return "type " + info.dtype().configName() + " in the checkpoint, " + type.configName()
                        + " in the model";
            }
        }
        return null;
    }

    private boolean equal(String name, String other) {
        return name.equals(other) || sameBits(names.stored(name), names.stored(other));
    }

    private boolean sameBits(String name, String other) {
        TensorInfo a = checkpoint.info(name);
        TensorInfo b = checkpoint.info(other);
        return a.shape().equals(b.shape()) && Scopes.get(() -> {
            Tensor one = checkpoint.tensor(name);
            Tensor two = checkpoint.tensor(other);
            // Halves of one model may have been stored in different types: compared as the model will have them.
            return a.dtype() == b.dtype() ? one.equal(two) : one.to(ScalarType.Float).equal(two.to(ScalarType.Float));
        });
    }

    private TensorInfo info(String name) {
        return checkpoint.info(names.stored(name));
    }

    private void explainUnused(String name) {
        String stored = names.stored(name);
        if (map.ignores(name)) {
            ignored.put(stored, "the model computes it");
            return;
        }
        String parameter = map.parameter(name).or(() -> map.tied(name)).orElse(null);
        unexpected.put(stored, parameter == null
                ? "the weight map does not know it"
                : "the model has no parameter " + quote(parameter));
    }

    /**
     * Views of the map become parameters as they are, also transposed: nothing is read before it is used. What has to
     * be converted or joined is read past the map, whose pages would stay resident beside the result, and each part of
     * a joined parameter into its place there.
     */
    private void assign(Assignment assignment) {
        Scopes.run(() -> {
            Tensor parameter = assignment.parameter();
            DType own = DType.of(parameter);
            DType type = own.isFloatingPoint() ? precision.orElse(own) : own;
            Tensor weights = assignment.layout().isView() ? view(assignment, type) : joined(assignment, type);
            Tensor placed = Tensors.beside(weights, parameter).to(type.scalarType());
            boolean fits = precision.isPresent() || Arrays.equals(strides(placed), strides(parameter));
            parameter.set_data(fits ? placed : torch.empty_like(parameter.detach()).copy_(placed));
        });
    }

    /** The weights of a parameter as precise as they are stored. */
    private Tensor stored(Assignment assignment) {
        if (assignment.layout().isView()) {
            return assignment.layout().view(checkpoint.read(names.stored(assignment.stored().get(0).orElseThrow())));
        }
        Tensor joined = Tensors.empty(ScalarType.Float, assignment.parameter().shape());
        fill(assignment, joined);
        return joined;
    }

    private Tensor view(Assignment assignment, DType type) {
        String name = names.stored(assignment.stored().get(0).orElseThrow());
        boolean mapped = checkpoint.info(name).dtype() == type;
        return assignment.layout().view(mapped ? checkpoint.tensor(name) : checkpoint.read(name));
    }

    private Tensor joined(Assignment assignment, DType type) {
        Tensor parameter = assignment.parameter();
        Tensor joined = parameter.is_cpu() && DType.of(parameter) == type
                ? parameter.detach()
                : Tensors.empty(type.scalarType(), parameter.shape());
        fill(assignment, joined);
        return joined;
    }

    private void fill(Assignment assignment, Tensor joined) {
        List<Tensor> parts = assignment.layout().split(joined);
        for (int i = 0; i < parts.size(); i++) {
            Tensor part = parts.get(i);
            assignment.stored().get(i).ifPresent(name -> checkpoint.read(names.stored(name), part));
        }
    }

    private static long[] strides(Tensor tensor) {
        long[] strides = new long[Math.toIntExact(tensor.dim())];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = tensor.stride(i);
        }
        return strides;
    }
}
