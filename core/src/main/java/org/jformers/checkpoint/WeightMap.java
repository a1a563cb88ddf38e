package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jformers.tensor.DType;

/**
 * The two-way map between the names of a checkpoint and those of a model's parameters: families write it as data.
 *
 * <p>In both names {@code {}} stands for an index; the n-th on one side is the n-th on the other. Loading and saving
 * undo each other bit for bit. A tied parameter is in the model's map of parameters once.
 */
public final class WeightMap {
    /** Stored names and the parameter they make up. */
    record Rule(List<NamePattern> stored, NamePattern parameter, WeightLayout layout) {
        /** The source of the parameter with these indices. */
        Source source(List<String> indices) {
            if (!(layout instanceof WeightLayout.Item)) {
                return new Source(stored.stream().map(name -> name.fill(indices)).toList(), layout);
            }
            int last = indices.size() - 1;
            return new Source(
                    stored.stream().map(name -> name.fill(indices.subList(0, last))).toList(),
                    new WeightLayout.Item(Long.parseLong(indices.get(last))));
        }
    }

    /**
     * A stored name that repeats what another one holds, or stands in for it.
     *
     * @param older whether it is another name of the same tensor, not a tensor that the model could hold apart
     */
    record Tie(NamePattern stored, NamePattern parameter, boolean older) {}

    /** Where a parameter's weights are: the rule, and its stored names for this parameter. */
    record Source(List<String> stored, WeightLayout layout) {}

    private final List<Rule> rules;
    private final List<Tie> ties;
    private final List<NamePattern> ignored;
    private final Map<String, String> renamed;
    private final String prefix;
    private final boolean prefixed;
    private final Map<String, List<Rule>> byParameter = new LinkedHashMap<>();
    private final Map<String, List<Rule>> byStored = new LinkedHashMap<>();

    private WeightMap(
            List<Rule> rules,
            List<Tie> ties,
            List<NamePattern> ignored,
            Map<String, String> renamed,
            String prefix,
            boolean prefixed) {
        this.rules = List.copyOf(rules);
        this.ties = List.copyOf(ties);
        this.ignored = List.copyOf(ignored);
        this.renamed = new LinkedHashMap<>(renamed);
        this.prefix = prefix;
        this.prefixed = prefixed;
        for (Rule rule : rules) {
            byParameter.computeIfAbsent(rule.parameter().key(), k -> new ArrayList<>()).add(rule);
            rule.stored().forEach(name ->
                    byStored.computeIfAbsent(name.key(), k -> new ArrayList<>()).add(rule));
        }
    }

    /** An empty map to fill. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The same map for a model without a head: {@link #save} leaves the prefix out. Loading does not change, it takes
     * checkpoints with and without it.
     */
    public WeightMap withoutPrefix() {
        return new WeightMap(rules, ties, ignored, renamed, prefix, false);
    }

    /**
     * Gives each parameter its weights. Type and layout in memory stay those of the parameter, so that an optimizer's
     * state for it stays in order. Nothing changes if it throws.
     *
     * @param parameters the model's parameters and buffers by our names, each tied one once
     * @throws CheckpointException if checkpoint and model differ more than {@code mode} allows
     */
    public LoadReport load(Checkpoint checkpoint, Map<String, Tensor> parameters, LoadMode mode) {
        return new WeightLoading(this, checkpoint, parameters, Optional.empty()).run(mode, fresh -> {}, Map.of());
    }

    /**
     * Gives each parameter of a new model its weights: the mapped tensor itself, or a view of it, where type and device
     * are the same; converted one tensor at a time otherwise. Nothing changes if it throws.
     *
     * @param parameters the model's parameters and buffers by our names, each tied one once
     * @param precision the type that parameters of floating-point numbers get
     * @throws CheckpointException if checkpoint and model differ more than {@code mode} allows
     */
    public LoadReport load(Checkpoint checkpoint, Map<String, Tensor> parameters, LoadMode mode, DType precision) {
        return load(checkpoint, parameters, mode, precision, fresh -> {}, Map.of());
    }

    /**
     * The same where some parameters may start anew.
     *
     * @param starts gives those parameters first values and their type before any weights are read; it gets their
     *     names. Of a parameter that several stored tensors make up, those that are there are read thereafter.
     * @param takers who gets the weights of some parameters instead, as they are stored, while nothing else of the
     *     checkpoint is in memory; where one returns false, the parameter gets them
     */
    public LoadReport load(
            Checkpoint checkpoint,
            Map<String, Tensor> parameters,
            LoadMode mode,
            DType precision,
            Consumer<Set<String>> starts,
            Map<String, Predicate<Tensor>> takers) {
        return new WeightLoading(this, checkpoint, parameters, Optional.of(precision)).run(mode, starts, takers);
    }

    /** The parameters that the checkpoint has no weights for, and why. */
    public Map<String, String> missing(Checkpoint checkpoint, Map<String, Tensor> parameters) {
        return new WeightLoading(this, checkpoint, parameters, Optional.empty()).missing();
    }

    /**
     * The stored names, prefix included, that this map ties to others whose weights differ in a checkpoint, and why. A
     * model that is to compute with both must not tie them. What several names are tied to is the first of them that
     * is there, the parameter's own before those tied to it, in the order of the lines.
     */
    public Map<String, String> contradictions(Checkpoint checkpoint) {
        return new WeightLoading(this, checkpoint, Map.of(), Optional.empty()).contradictions();
    }

    /**
     * The tensors to store, by their names in a checkpoint: parameters as they are, views of them, or new tensors
     * where several are stored as one. Works for anything that is named and shaped like the parameters, such as
     * gradients.
     *
     * @throws CheckpointException if the map has no name for one of them, or it does not split as the map says, or
     *     only some of the parameters that are stored as one are there
     */
    public Map<String, Tensor> save(Map<String, Tensor> parameters) {
        Map<String, Tensor> stored = new LinkedHashMap<>();
        Map<String, NavigableMap<Long, Tensor>> slices = new LinkedHashMap<>();
        Map<String, Long> totals = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> {
            Source source = source(name).orElseThrow(
                    () -> new CheckpointException("no checkpoint name is known for parameter " + quote(name)));
            List<Tensor> parts = split(name, parameter, source.layout());
            for (int i = 0; i < parts.size(); i++) {
                String target = prefixed ? source.stored().get(i) : bare(source.stored().get(i));
                if (source.layout() instanceof WeightLayout.Slice slice) {
                    slices.computeIfAbsent(target, k -> new TreeMap<>()).put(slice.begin(), parts.get(i));
                    totals.put(target, slice.total());
                    stored.put(target, parts.get(i)); // holds the place
                } else if (stored.put(target, parts.get(i)) != null) {
                    throw new CheckpointException("two parameters would be stored as " + quote(target));
                }
            }
        });
        slices.forEach((target, parts) ->
                stored.put(target, stacked(target, parts, Objects.requireNonNull(totals.get(target)))));
        return stored;
    }

    /**
     * The name under which this map knows a stored tensor; another one where a library has renamed its modules, or the
     * checkpoint comes from TensorFlow, whose norms have a {@code gamma} and a {@code beta}: the reference reads those
     * of modules named {@code LayerNorm}, and so does this map.
     */
    public String known(String stored) {
        String name = stored;
        for (Map.Entry<String, String> change : renamed.entrySet()) {
            name = name.replace(change.getKey(), change.getValue());
        }
        return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    private static Tensor stacked(String target, NavigableMap<Long, Tensor> parts, long total) {
        long rows = parts.values().stream().mapToLong(part -> part.size(0)).sum();
        if (rows != total) {
            throw new CheckpointException(
                    quote(target) + " has " + total + " rows, the parameters to be stored in it only " + rows);
        }
        return torch.cat(new TensorVector(parts.values().toArray(Tensor[]::new)), 0);
    }

    private static List<Tensor> split(String name, Tensor parameter, WeightLayout layout) {
        try {
            return layout.split(parameter);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("parameter " + quote(name) + " " + e.getMessage(), e);
        }
    }

    /** The parameters, among those given, whose weights a checkpoint may hold under this name, alone or with others. */
    public List<String> heldBy(String stored, Collection<String> parameters) {
        return parameters.stream()
                .filter(parameter -> tied(stored).filter(parameter::equals).isPresent()
                        || sources(parameter).stream().anyMatch(source -> source.stored().contains(stored)))
                .toList();
    }

    /** Where the parameter's weights are written, in names with prefix. */
    private Optional<Source> source(String parameter) {
        return sources(parameter).stream().findFirst();
    }

    /** Where the parameter's weights may be, in names with prefix; they are written to the first. */
    List<Source> sources(String parameter) {
        List<Source> sources = new ArrayList<>();
        for (Rule rule : byParameter.getOrDefault(NamePattern.key(parameter), List.of())) {
            rule.parameter().match(parameter).ifPresent(indices -> sources.add(rule.source(indices)));
        }
        return sources;
    }

    /** The parameter that a stored name, with prefix, is (a part of). */
    Optional<String> parameter(String stored) {
        for (Rule rule : byStored.getOrDefault(NamePattern.key(stored), List.of())) {
            for (NamePattern pattern : rule.stored()) {
                Optional<List<String>> indices = pattern.match(stored);
                if (indices.isPresent()) {
                    return indices.map(rule.parameter()::fill);
                }
            }
        }
        return Optional.empty();
    }

    /** The parameter that a stored name, with prefix, repeats or stands in for. */
    Optional<String> tied(String stored) {
        return tie(stored).flatMap(tie -> tie.stored().match(stored).map(tie.parameter()::fill));
    }

    /** Whether a stored name, with prefix, repeats a tensor that a model could also hold apart. */
    public boolean ties(String stored) {
        return tie(stored).filter(tie -> !tie.older()).isPresent();
    }

    /**
     * The stored names, with prefix, that repeat what this one, with prefix, holds, where a model could hold them
     * apart.
     */
    public List<String> tiedTo(String stored) {
        return parameter(stored).stream()
                .flatMap(parameter -> ties.stream()
                        .filter(tie -> !tie.older() && tie.parameter().text().equals(parameter))
                        .map(tie -> tie.stored().text()))
                .toList();
    }

    /** Whether a stored matrix, with prefix, is a parameter transposed, as those of GPT's Conv1D are. */
    public boolean transposes(String stored) {
        return parameter(stored).stream()
                .flatMap(parameter -> sources(parameter).stream())
                .anyMatch(source -> source.layout() instanceof WeightLayout.Transposed);
    }

    /** The stored name, with prefix, of (the first part of) a parameter. */
    public Optional<String> stored(String parameter) {
        return source(parameter).map(source -> source.stored().get(0));
    }

    /** The first line that ties a stored name, with prefix. */
    Optional<Tie> tie(String stored) {
        return ties.stream().filter(tie -> tie.stored().match(stored).isPresent()).findFirst();
    }

    /** The place of a line among those that tie names. */
    int order(Tie tie) {
        return ties.indexOf(tie);
    }

    /**
     * The name under which {@link #save} writes what a checkpoint may also call {@code stored}: the one the map knows,
     * unless tied.
     */
    public String written(String stored) {
        String name = full(stored);
        String written = tied(name).flatMap(this::source).map(source -> source.stored().get(0)).orElse(name);
        return prefixed ? written : bare(written);
    }

    /** Whether a stored name, with prefix, means anything to this map, be it that it is ignored. */
    boolean knows(String stored) {
        return parameter(stored).isPresent() || tied(stored).isPresent() || ignores(stored);
    }

    /** The name under which this map knows a stored tensor, with prefix although a base model's names have none. */
    public String full(String stored) {
        String name = known(stored);
        boolean known = parameter(name).isPresent() || tied(name).isPresent() || ignores(name);
        return known ? name : prefix + name;
    }

    boolean ignores(String stored) {
        return ignored.stream().anyMatch(pattern -> pattern.match(stored).isPresent());
    }

    /** Whether a stored name is that of a weight of the body, which models with other heads have too. */
    public boolean isOfBody(String stored) {
        return !prefix.isEmpty() && stored.startsWith(prefix);
    }

    String prefix() {
        return prefix;
    }

    /** A stored name as a checkpoint of the base model has it. */
    String bare(String stored) {
        return stored.startsWith(prefix) ? stored.substring(prefix.length()) : stored;
    }

    /** Collects the lines of a map. Names are those of the model with a head, prefix included. */
    public static final class Builder {
        private final List<Rule> rules = new ArrayList<>();
        private final List<Tie> ties = new ArrayList<>();
        private final List<NamePattern> ignored = new ArrayList<>();
        private final Map<String, String> renamed = new LinkedHashMap<>();
        private String prefix = "";

        private Builder() {}

        /** The stored tensor is the parameter. */
        public Builder map(String stored, String parameter) {
            return add(List.of(stored), parameter, new WeightLayout.Same());
        }

        /** The stored matrix is the parameter transposed. */
        public Builder transposed(String stored, String parameter) {
            return add(List.of(stored), parameter, new WeightLayout.Transposed());
        }

        /** The stored tensor [C, heads, D] is the parameter's columns, [C, heads * D]. */
        public Builder headColumns(String stored, long heads, String parameter) {
            return add(List.of(stored), parameter, new WeightLayout.Heads(heads, false));
        }

        /** The stored tensor [C, heads, D] is the parameter transposed, [heads * D, C]. */
        public Builder headRows(String stored, long heads, String parameter) {
            return add(List.of(stored), parameter, new WeightLayout.Heads(heads, true));
        }

        /** The stored tensor is the parameter with {@code count} more dimensions of size 1 in front. */
        public Builder widened(String stored, int count, String parameter) {
            return add(List.of(stored), parameter, new WeightLayout.Widened(count));
        }

        /** Several stored tensors of equally many rows, one below the other, are the parameter. */
        public Builder concatenated(List<String> stored, String parameter) {
            return add(stored, parameter, new WeightLayout.Rows(stored.size(), List.of()));
        }

        /** Several stored tensors, one below the other, are the parameter; {@code rows} says how many rows each has. */
        public Builder concatenated(List<String> stored, List<Long> rows, String parameter) {
            if (rows.size() != stored.size()) {
                throw new IllegalArgumentException("expected a number of rows for each of " + stored + ", got " + rows);
            }
            return add(stored, parameter, new WeightLayout.Rows(stored.size(), List.copyOf(rows)));
        }

        /** {@link #map} for the {@code .weight} and the {@code .bias} of a module. */
        public Builder module(String stored, String module) {
            return map(stored + ".weight", module + ".weight").map(stored + ".bias", module + ".bias");
        }

        /** A linear map stored as GPT's Conv1D: the {@code .weight} transposed, the {@code .bias} as it is. */
        public Builder conv1d(String stored, String module) {
            return transposed(stored + ".weight", module + ".weight").map(stored + ".bias", module + ".bias");
        }

        /** {@link #concatenated} for the {@code .weight} and the {@code .bias} of several modules of one shape. */
        public Builder stacked(List<String> stored, String module) {
            for (String kind : List.of(".weight", ".bias")) {
                concatenated(stored.stream().map(name -> name + kind).toList(), module + kind);
            }
            return this;
        }

        /** The stored tensor holds several parameters, one below the other, each of so many {@code rows}. */
        public Builder divided(String stored, List<Long> rows, List<String> parameters) {
            long total = rows.stream().mapToLong(Long::longValue).sum();
            long begin = 0;
            for (int i = 0; i < parameters.size(); i++) {
                add(List.of(stored), parameters.get(i), new WeightLayout.Slice(begin, rows.get(i), total));
                begin += rows.get(i);
            }
            return this;
        }

        /**
         * The items of the stored tensor's first dimension are one parameter each, numbered by the parameter's last
         * {@code {}}, as experts are stored together. Read where the names of an earlier line are missing.
         */
        public Builder items(String stored, String parameter) {
            NamePattern pattern = new NamePattern(stored);
            if (pattern.indices() + 1 != new NamePattern(parameter).indices()) {
                throw new IllegalArgumentException(parameter + " needs one {} more than " + stored);
            }
            rules.add(new Rule(List.of(pattern), new NamePattern(parameter), new WeightLayout.Item(0)));
            return this;
        }

        /** The stored tensor means nothing to the model; it is neither reported nor written. */
        public Builder ignored(String stored) {
            ignored.add(new NamePattern(stored));
            return this;
        }

        /**
         * The stored tensor repeats a parameter that another line maps. Where it is present it must be equal, or it
         * stands in for a missing one, the first of several lines first; it is not written.
         */
        public Builder tied(String stored, String parameter) {
            return tie(stored, parameter, false);
        }

        /** An older name of a stored tensor: read where the name of another line is missing, never written. */
        public Builder alias(String older, String parameter) {
            return tie(older, parameter, true);
        }

        private Builder tie(String stored, String parameter, boolean older) {
            ties.add(new Tie(requireIndices(stored, parameter), new NamePattern(parameter), older));
            return this;
        }

        /**
         * Part of a name that the library's modules have today, and what its files still say: read either way, written
         * as the files say. Applied in the order given.
         */
        public Builder renamed(String today, String stored) {
            renamed.put(today, stored);
            return this;
        }

        /** What the names of the base model begin with inside a model with a head, such as {@code transformer.}. */
        public Builder prefix(String prefix) {
            this.prefix = prefix;
            return this;
        }

        /** The map. */
        public WeightMap build() {
            return new WeightMap(rules, ties, ignored, renamed, prefix, true);
        }

        private Builder add(List<String> stored, String parameter, WeightLayout layout) {
            List<NamePattern> patterns = stored.stream().map(name -> requireIndices(name, parameter)).toList();
            rules.add(new Rule(patterns, new NamePattern(parameter), layout));
            return this;
        }

        private static NamePattern requireIndices(String stored, String parameter) {
            NamePattern pattern = new NamePattern(stored);
            if (pattern.indices() != new NamePattern(parameter).indices()) {
                throw new IllegalArgumentException(stored + " and " + parameter + " need equally many {}");
            }
            return pattern;
        }
    }
}
