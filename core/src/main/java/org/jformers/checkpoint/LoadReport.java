package org.jformers.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a checkpoint and a model fit: which names found each other, and why the others did not. Values are reasons.
 *
 * @param loaded how many parameters got their weights
 * @param missing parameters that the checkpoint has no weights for; they are to be newly initialised
 * @param unexpected checkpoint names that the model has no use for
 * @param mismatched parameters whose weights have another shape or type, or contradict each other; left as they were
 * @param untied checkpoint names that the configuration ties to another one and the checkpoint holds apart; the model
 *     has both, as if the configuration did not tie them
 */
public record LoadReport(
        int loaded,
        Map<String, String> missing,
        Map<String, String> unexpected,
        Map<String, String> mismatched,
        Map<String, String> untied) {
    /** How many names of a kind a summary spells out. */
    private static final int SPELLED = 3;

    public LoadReport {
        missing = Collections.unmodifiableMap(new LinkedHashMap<>(missing));
        unexpected = Collections.unmodifiableMap(new LinkedHashMap<>(unexpected));
        mismatched = Collections.unmodifiableMap(new LinkedHashMap<>(mismatched));
        untied = Collections.unmodifiableMap(new LinkedHashMap<>(untied));
    }

    /** The same with names that were untied. */
    public LoadReport withUntied(Map<String, String> names) {
        return new LoadReport(loaded, missing, unexpected, mismatched, names);
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
        return String.join("; ", parts);
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
