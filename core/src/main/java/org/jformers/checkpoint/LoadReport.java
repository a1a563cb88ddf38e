package org.jformers.checkpoint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a checkpoint and a model fit: which names found each other, and why the others did not. Values are reasons.
 *
 * @param loaded how many parameters got their weights
 * @param missing parameters that the checkpoint has no weights for: random where the mode let them pass, otherwise what
 *     the model computes or does without
 * @param unexpected checkpoint names that the model has no use for
 * @param mismatched parameters whose weights have another shape or type, or contradict each other; left as they were
 * @param untied checkpoint names that the configuration ties to another one and the checkpoint holds apart; the model
 *     has both, as if the configuration did not tie them
 * @param renamed checkpoint names that stand inside modules of other programs, and as what they are read
 * @param ignored checkpoint names that mean nothing to the model, such as constants that it computes
 * @param config keys of the configuration that nobody reads
 */
public record LoadReport(
        int loaded,
        Map<String, String> missing,
        Map<String, String> unexpected,
        Map<String, String> mismatched,
        Map<String, String> untied,
        Map<String, String> renamed,
        Map<String, String> ignored,
        Map<String, String> config) {
    /** Of a model that no weights were looked for. */
    public static final LoadReport NONE = new LoadReport(
            0, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

    /** How many names of a kind a summary spells out. */
    private static final int SPELLED = 3;

    public LoadReport {
        missing = Collections.unmodifiableMap(new LinkedHashMap<>(missing));
        unexpected = Collections.unmodifiableMap(new LinkedHashMap<>(unexpected));
        mismatched = Collections.unmodifiableMap(new LinkedHashMap<>(mismatched));
        untied = Collections.unmodifiableMap(new LinkedHashMap<>(untied));
        renamed = Collections.unmodifiableMap(new LinkedHashMap<>(renamed));
        ignored = Collections.unmodifiableMap(new LinkedHashMap<>(ignored));
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    }

    /** The same with names that were untied. */
    public LoadReport withUntied(Map<String, String> names) {
        return new LoadReport(loaded, missing, unexpected, mismatched, names, renamed, ignored, config);
    }

    /** The same with more parameters that the checkpoint lacks. */
    public LoadReport withMissing(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(missing);
        all.putAll(more);
        return new LoadReport(loaded, all, unexpected, mismatched, untied, renamed, ignored, config);
    }

    /** The same with keys of the configuration that nobody reads. */
    public LoadReport withConfig(Map<String, String> keys) {
        return new LoadReport(loaded, missing, unexpected, mismatched, untied, renamed, ignored, keys);
    }

    /** The same with another reason for what is missing of those names. */
    public LoadReport explained(Set<String> names, String reason) {
        Map<String, String> all = new LinkedHashMap<>(missing);
        names.forEach(name -> all.replace(name, reason));
        return new LoadReport(loaded, all, unexpected, mismatched, untied, renamed, ignored, config);
    }

    /** Whether every parameter got its weights and every weight its parameter. */
    public boolean exact() {
        return missing.isEmpty() && unexpected.isEmpty() && mismatched.isEmpty() && untied.isEmpty();
    }

    /** One line: the counts, and the first names of each kind with their reasons. */
    public String summary() {
        List<String> parts = new ArrayList<>();
        parts.add(loaded + " loaded");
        add(parts, "missing", missing);
        add(parts, "unexpected", unexpected);
        add(parts, "mismatched", mismatched);
        add(parts, "untied", untied);
        add(parts, "under other names", renamed);
        add(parts, "configuration keys that nobody reads", config);
        return String.join("; ", parts);
    }

    /** As {@link #summary} says. */
    @Override
    public String toString() {
        return summary();
    }

    /** The first names, quoted. */
    static String spelled(Collection<String> names) {
        return names.stream().limit(SPELLED).map(CheckpointException::quote)
                .collect(Collectors.joining(", ", "", names.size() > SPELLED ? ", ..." : ""));
    }

    private static void add(List<String> parts, String kind, Map<String, String> names) {
        if (!names.isEmpty()) {
            parts.add(names.entrySet().stream()
                    .limit(SPELLED)
                    .map(e -> CheckpointException.quote(e.getKey()) + ": " + e.getValue())
                    .collect(Collectors.joining(", ", names.size() + " " + kind + " (",
                            names.size() > SPELLED ? ", ...)" : ")")));
        }
    }
}
