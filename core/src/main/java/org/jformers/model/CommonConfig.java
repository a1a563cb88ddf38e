package org.jformers.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The keys of {@code config.json} that all families share: labels, token ids, provenance.
 *
 * @param values the keys that the family's own record does not name
 */
public record CommonConfig(Map<String, Object> values) {

    /**
     * A key of our own, never written to a folder: the stored names that the configuration ties and the weights, as
     * they were found, do not.
     */
    public static final String APART = "untied_weights";

    /** Names of the classes the checkpoint was saved from; the first one names the head. */
    public List<String> architectures() {
        return values.get("architectures") instanceof List<?> names
                ? names.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Id of the padding token. */
    public Optional<Integer> padTokenId() {
        return integer("pad_token_id");
    }

    /** Id of the token that begins a text. */
    public Optional<Integer> bosTokenId() {
        return integer("bos_token_id");
    }

    /** Id of the token that ends a text. */
    public Optional<Integer> eosTokenId() {
        return integer("eos_token_id");
    }

    /** Id of the padding token where the family has a default: null is none, a missing key is the default. */
    public Optional<Integer> padTokenId(int otherwise) {
        return values.containsKey("pad_token_id") ? padTokenId() : Optional.of(otherwise);
    }

    /** Whether the output layer shares the token table; true unless said otherwise. */
    public boolean tieWordEmbeddings() {
        return tieWordEmbeddings(true);
    }

    /** Whether the output layer shares the token table, for families with a default of their own. */
    public boolean tieWordEmbeddings(boolean otherwise) {
        return values.get("tie_word_embeddings") instanceof Boolean tied ? tied : otherwise;
    }

    /** Whether a stored name, prefix included, is held apart although the configuration ties it. */
    public boolean apart(String stored) {
        return values.get(APART) instanceof List<?> names && names.contains(stored);
    }

    /** Whether the output layer of this stored name shares the token table; true unless said or found otherwise. */
    public boolean ties(String stored) {
        return tieWordEmbeddings() && !apart(stored);
    }

    /** Attention heads that were removed, by layer, as the model that once had them numbered them. */
    public Map<Integer, Set<Integer>> prunedHeads() {
        Map<Integer, Set<Integer>> pruned = new TreeMap<>();
        if (values.get("pruned_heads") instanceof Map<?, ?> layers) {
            layers.forEach((layer, heads) -> {
                if (!String.valueOf(layer).matches("[0-9]{1,9}") || !(heads instanceof List<?> list)
                        || !list.stream().allMatch(Integer.class::isInstance)) {
                    throw new ConfigException("config: got pruned_heads " + layers
                            + ", allowed lists of heads by layer, such as {\"0\": [2, 5]}");
                }
                Set<Integer> removed = new TreeSet<>();
                list.forEach(head -> removed.add((Integer) head));
                if (!removed.isEmpty()) {
                    pruned.put(Integer.valueOf(layer.toString()), removed);
                }
            });
        }
        return pruned;
    }

    /**
     * Names of the classes in the order of their numbers. They are LABEL_0, LABEL_1 and so on where the config has
     * none, or another number of them than its {@code num_labels}, which counts then; without either there are two.
     */
    public List<String> labels() {
        Map<Integer, String> ordered = new TreeMap<>();
        if (values.get("id2label") instanceof Map<?, ?> names) {
            names.forEach((id, name) -> ordered.put(number(id), String.valueOf(name)));
        }
        int count = integer("num_labels").orElse(values.get("id2label") instanceof Map ? ordered.size() : 2);
        return ordered.size() == count
                ? List.copyOf(ordered.values())
                : IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
    }

    private static Integer number(Object id) {
        if (!id.toString().matches("[0-9]{1,9}")) {
            throw new ConfigException("config: got id2label with " + id + ", allowed numbers of classes");
        }
        return Integer.valueOf(id.toString());
    }

    /** What kind of problem the labels are for, if the config says so. */
    public Optional<ProblemType> problemType() {
        return Optional.ofNullable(values.get("problem_type")).map(name -> ProblemType.named(name.toString()));
    }

    /** How many positions go through a feed-forward part at once; empty if all do. */
    public Optional<Integer> feedForwardChunk() {
        return integer("chunk_size_feed_forward").filter(positions -> positions > 0);
    }

    private Optional<Integer> integer(String key) {
        return values.get(key) instanceof Number number ? Optional.of(number.intValue()) : Optional.empty();
    }
}
