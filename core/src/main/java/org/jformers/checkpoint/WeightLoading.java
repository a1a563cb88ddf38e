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
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** One run of {@link WeightMap#load}: first everything is compared, then the parameters get their weights. */
final class WeightLoading {
    /** What is to be done for one parameter. */
    private record Assignment(Tensor parameter, List<String> stored, WeightLayout layout) {}

    private final WeightMap map;
    private final Checkpoint checkpoint;
    private final Map<String, Tensor> parameters;
    private final Optional<DType> precision;
    /** The checkpoint's names by those that the map knows. */
    private final Map<String, String> names = new LinkedHashMap<>();
    private final boolean prefixed;

    private final List<Assignment> assignments = new ArrayList<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final Map<String, String> unexpected = new LinkedHashMap<>();
    private final Map<String, String> mismatched = new LinkedHashMap<>();

    /**
     * @param precision the type that parameters of floating-point numbers get; empty if all keep their types and the
     *     order of their elements in memory
     */
    WeightLoading(WeightMap map, Checkpoint checkpoint, Map<String, Tensor> parameters, Optional<DType> precision) {
        this.map = map;
        this.checkpoint = checkpoint;
        this.parameters = parameters;
        this.precision = precision;
        checkpoint.names().forEach(name -> {
            String other = names.put(map.known(name), name);
            if (other != null) {
                throw new CheckpointException("tensors " + quote(other) + " and " + quote(name) + " are one, "
                        + map.known(name) + ", in " + checkpoint.source());
            }
        });
        this.prefixed = names.keySet().stream().anyMatch(name -> name.startsWith(map.prefix()));
    }

    LoadReport run(LoadMode mode) {
        Map<String, List<String>> ties = ties();
        Set<String> unused = new LinkedHashSet<>(names.keySet());
        parameters.forEach((name, parameter) -> {
            List<String> used = plan(name, parameter, ties.getOrDefault(name, List.of()));
            used.forEach(unused::remove);
        });
        unused.forEach(this::explainUnused);
        LoadReport report = new LoadReport(assignments.size(), missing, unexpected, mismatched, Map.of());
        boolean stops = mode == LoadMode.STRICT
                ? !report.exact()
                : mode == LoadMode.DEFAULT && !mismatched.isEmpty();
        if (stops) {
            throw new CheckpointException(
                    "the checkpoint does not fit the model: " + report.summary() + ", in " + checkpoint.source());
        }
        assignments.forEach(this::assign);
        return report;
    }

    /** The checkpoint's names that repeat a parameter, by parameter, in the order of the map's lines. */
    private Map<String, List<String>> ties() {
        Map<String, List<String>> ties = new LinkedHashMap<>();
        for (String name : names.keySet()) {
            map.tied(full(name)).ifPresent(parameter ->
                    ties.computeIfAbsent(parameter, k -> new ArrayList<>()).add(name));
        }
        ties.values().forEach(repeats ->
                repeats.sort(Comparator.comparingInt(name -> map.order(map.tie(full(name)).get()))));
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
                .filter(one -> names.keySet().containsAll(stored(one)))
                .findFirst()
                .orElse(sources.get(0));
        List<String> stored = stored(source);
        List<String> absent = stored.stream().filter(n -> !names.containsKey(n)).toList();
        if (!absent.isEmpty() && stored.size() == 1 && !ties.isEmpty()) {
            stored = ties.subList(0, 1);
        } else if (!absent.isEmpty()) {
            missing.put(name, "the checkpoint has no " + absent.get(0));
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
        if (difference == null) {
            assignments.add(new Assignment(parameter, stored, source.layout()));
        } else {
            mismatched.put(name, difference);
        }
        return explained;
    }

    private static String contradiction(String tie, String stored) {
        return "the model ties " + tie + " to " + stored + ", but they differ in the checkpoint";
    }

    /** The stored names, in full, that the map ties to others whose weights differ, and which. */
    Map<String, String> contradictions() {
        Map<String, String> contradictions = new LinkedHashMap<>();
        ties().forEach((parameter, repeats) -> map.sources(parameter).stream().findFirst().ifPresent(source -> {
            String own = stored(source).get(0);
            String stored = names.containsKey(own) ? own : repeats.get(0);
            repeats.stream()
                    .filter(name -> !map.tie(full(name)).get().older() && !equal(name, stored))
                    .forEach(name -> contradictions.put(full(name), contradiction(name, stored)));
        }));
        return contradictions;
    }

    /** The names of a source, as this checkpoint spells them. */
    private List<String> stored(WeightMap.Source source) {
        return source.stored().stream().map(name -> prefixed ? name : map.bare(name)).toList();
    }

    /** Why the stored tensors cannot become the parameter, or null if they can. */
    private String difference(Tensor parameter, List<String> stored, WeightLayout layout) {
        List<TensorInfo> infos = stored.stream().map(name -> checkpoint.info(names.get(name))).toList();
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
        TensorInfo a = checkpoint.info(names.get(name));
        TensorInfo b = checkpoint.info(names.get(other));
        if (name.equals(other) || !a.shape().equals(b.shape())) {
            return name.equals(other);
        }
        return Scopes.get(() -> {
            Tensor one = checkpoint.tensor(names.get(name));
            Tensor two = checkpoint.tensor(names.get(other));
            // Halves of one model may have been stored in different types: compared as the model will have them.
            return a.dtype() == b.dtype() ? one.equal(two) : one.to(ScalarType.Float).equal(two.to(ScalarType.Float));
        });
    }

    private void explainUnused(String name) {
        String full = full(name);
        if (map.ignores(full)) {
            return;
        }
        String parameter = map.parameter(full).or(() -> map.tied(full)).orElse(null);
        unexpected.put(names.get(name), parameter == null
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
            Tensor placed = weights.to(parameter.device(), type.scalarType());
            boolean fits = precision.isPresent() || Arrays.equals(strides(placed), strides(parameter));
            parameter.set_data(fits ? placed : torch.empty_like(parameter.detach()).copy_(placed));
        });
    }

    private Tensor view(Assignment assignment, DType type) {
        String name = names.get(assignment.stored().get(0));
        boolean mapped = checkpoint.info(name).dtype() == type;
        return assignment.layout().view(mapped ? checkpoint.tensor(name) : checkpoint.read(name));
    }

    private Tensor joined(Assignment assignment, DType type) {
        Tensor parameter = assignment.parameter();
        Tensor joined = DType.of(parameter) == type
                ? parameter.detach()
                : Tensors.empty(type.scalarType(), parameter.shape());
        List<Tensor> parts = assignment.layout().split(joined);
        for (int i = 0; i < parts.size(); i++) {
            checkpoint.read(names.get(assignment.stored().get(i)), parts.get(i));
        }
        return joined;
    }

    private static long[] strides(Tensor tensor) {
        long[] strides = new long[Math.toIntExact(tensor.dim())];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = tensor.stride(i);
        }
        return strides;
    }

    /** A checkpoint's name as it would be in a model with a head. */
    private String full(String name) {
        if (prefixed || map.parameter(name).isPresent() || map.tied(name).isPresent() || map.ignores(name)) {
            return name;
        }
        return map.prefix() + name;
    }
}
