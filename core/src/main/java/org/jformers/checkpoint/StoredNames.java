package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tensors of a checkpoint under the names that a weight map knows. A name may have, or lack, the prefix of the base
 * model; it may stand inside modules that other programs wrap around a model, or inside a model of several kinds of
 * input. What stands around a name is taken off only if the map knows the rest.
 */
final class StoredNames {
    /** Modules that stand between others: torch.compile, fully sharded training, recomputed activations. */
    private static final Pattern INSIDE = Pattern.compile(
            "(?<=^|\\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)\\.");

    /**
     * Modules that stand around a model: data parallel training, Lightning and the like, merged adapters, models of
     * texts and images, and base models inside models with heads.
     */
    private static final List<String> AROUND = List.of(
            "module.", "model.", "base_model.", "language_model.", "text_model.", "llm.", "transformer.");

    /**
     * A stored tensor.
     *
     * @param stored its name in the file
     * @param changes how much was taken off or put before
     */
    private record Found(String stored, int changes) {}

    private final WeightMap map;
    private final Map<String, Found> found = new LinkedHashMap<>();
    /** Stored names that stand for what another one stands for more closely, and that one. */
    private final Map<String, String> beside = new LinkedHashMap<>();
    private final Map<String, String> contested = new LinkedHashMap<>();
    private boolean prefixed;

    StoredNames(WeightMap map, Collection<String> stored) {
        this.map = map;
        stored.forEach(this::add);
    }

    private void add(String stored) {
        String name = INSIDE.matcher(stored).replaceAll("");
        int changes = name.equals(stored) ? 0 : 1;
        for (String rest = name; !rest.isEmpty(); rest = without(rest).orElse(""), changes += 2) {
            String known = map.known(rest);
            if (map.knows(known)) {
                prefixed |= known.startsWith(map.prefix());
                put(known, new Found(stored, changes));
                return;
            }
            if (map.knows(map.prefix() + known)) {
                put(map.prefix() + known, new Found(stored, changes + 1));
                return;
            }
        }
        found.put(map.known(stored), new Found(stored, 0));
    }

    private void put(String known, Found one) {
        Found other = found.get(known);
        if (other == null || one.changes() < other.changes()) {
            found.put(known, one);
        }
        if (other != null) {
            Found farther = one.changes() < other.changes() ? other : one;
            beside.put(farther.stored(), stored(known));
            if (one.changes() == other.changes()) {
                contested.put(known, farther.stored());
            }
        }
    }

    private static Optional<String> without(String name) {
        return AROUND.stream().filter(name::startsWith).map(around -> name.substring(around.length())).findFirst();
    }

    /** The names under which the map knows tensors, and those of tensors that it does not know. */
    Set<String> names() {
        return Collections.unmodifiableSet(found.keySet());
    }

    /** The name in the file. */
    String stored(String known) {
        return Objects.requireNonNull(found.get(known)).stored();
    }

    /** How this checkpoint would spell the name of a tensor that it lacks, but for modules around its names. */
    String spelled(String known) {
        return prefixed ? known : map.bare(known);
    }

    /** Another tensor that stands for the same as closely, if there is one. */
    Optional<String> contested(String known) {
        return Optional.ofNullable(contested.get(known));
    }

    /** Tensors that are not read since another one is, and why. */
    Map<String, String> beside() {
        Map<String, String> reasons = new LinkedHashMap<>();
        beside.forEach((name, read) -> reasons.put(name, "read from " + quote(read)));
        return reasons;
    }

    /** Names in the file that are read as others, and as which; without those that only lack or have the prefix. */
    Map<String, String> renamed() {
        Map<String, String> renamed = new LinkedHashMap<>();
        found.forEach((known, one) -> {
            if (one.changes() > 0 && !known.equals(map.prefix() + map.known(one.stored()))) {
                renamed.put(one.stored(), known);
            }
        });
        return renamed;
    }
}
