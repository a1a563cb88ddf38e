package org.jformers.model.surgery;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.nn.Embedding;

/** Which linear maps of a model a new adapter changes. */
final class LoraTargets {
    /** The maps that adapters of each kind of model usually change, the first that a model has. */
    private static final List<List<String>> USUAL = List.of(
            List.of("query", "value"), List.of("q_proj", "v_proj"), List.of("q_lin", "v_lin"), List.of("c_attn"),
            List.of("query_proj", "value_proj"), List.of("q", "v"), List.of("Wqkv"), List.of("Wq", "Wv"));

    private final Model model;
    private final Map<String, MapRows> maps;

    /** @param maps those that may be changed, by the names of modules in checkpoints */
    LoraTargets(Model model, Map<String, MapRows> maps) {
        this.model = model;
        this.maps = maps;
    }

    /**
     * The maps that are meant.
     *
     * @param targets as in {@link Lora.Spec}
     * @throws ConfigException if there is none for one of them
     */
    Map<String, MapRows> chosen(List<String> targets) {
        List<String> wanted = wanted(targets);
        for (String name : wanted) {
            if (!name.equals(Lora.ALL_LINEAR) && maps.keySet().stream().noneMatch(module -> matches(name, module))) {
                throw new ConfigException("lora target: got " + name + ", allowed ends of the names of linear maps: "
                        + leaves() + ", in " + model.identity().architecture());
            }
        }
        Map<String, MapRows> chosen = new LinkedHashMap<>();
        maps.forEach((module, rows) -> {
            if (wanted.stream().anyMatch(name -> name.equals(Lora.ALL_LINEAR)
                    ? !isOutput(rows)
                    : matches(name, module))) {
                chosen.put(module, rows);
            }
        });
        return chosen;
    }

    /** The names that {@code adapter_config.json} has for what was chosen: all of them, where ends do not say it. */
    Collection<String> named(List<String> targets, Collection<String> chosen) {
        List<String> wanted = wanted(targets);
        boolean plain = wanted.stream().noneMatch(name -> name.equals(Lora.ALL_LINEAR) || name.contains("*"));
        return new TreeSet<>(plain ? wanted : chosen);
    }

    private List<String> wanted(List<String> targets) {
        if (!targets.isEmpty()) {
            return targets;
        }
        TreeSet<String> leaves = leaves();
        return USUAL.stream().filter(leaves::containsAll).findFirst().orElseThrow(() -> new ConfigException(
                "lora targets: got none for " + model.identity().architecture() + ", allowed some of " + leaves));
    }

    /** Scores of a vocabulary are no map that adapters change unless it is named. */
    private boolean isOutput(MapRows rows) {
        Optional<Embedding.Spec> table = model.identity().spec().tokenTable();
        return (rows.path() + ".").startsWith("head.") && table.isPresent() && table.get().entries() == rows.out();
    }

    private TreeSet<String> leaves() {
        TreeSet<String> leaves = new TreeSet<>();
        maps.keySet().forEach(module -> leaves.add(module.replaceFirst(".*\\.", "")));
        return leaves;
    }

    private static boolean matches(String name, String module) {
        if (!name.contains("*")) {
            return module.equals(name) || module.endsWith("." + name);
        }
        String expression = Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return module.matches("(.*\\.)?" + expression);
    }
}
