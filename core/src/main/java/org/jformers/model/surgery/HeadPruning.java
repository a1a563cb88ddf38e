package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.stack.Stack;
import org.jformers.tensor.Tensors;

/**
 * Which heads of a model's self-attention are removed, and what is left of its parameters then. Heads are numbered as
 * in the whole model, so that pruning twice adds up.
 *
 * <p>Dimensions: P parts (q, k, v), N heads, D head width.
 */
public final class HeadPruning {
    private static final Pattern ATTENTION = Pattern.compile("(?:.*\\.)?blocks\\.(\\d+)\\.attention\\..*");

    private final ModelSpec spec;
    private final Map<Integer, Set<Integer>> before;
    private final Map<Integer, Set<Integer>> after = new TreeMap<>();

    /** @param removed heads by layer, numbered as in the model that nothing was removed from */
    public HeadPruning(Model model, Map<Integer, ? extends Collection<Integer>> removed) {
        spec = model.identity().spec();
        before = model.config().common().prunedHeads();
        before.forEach((layer, heads) -> after.put(layer, new TreeSet<>(heads)));
        removed.forEach((layer, heads) -> after.computeIfAbsent(layer, l -> new TreeSet<>()).addAll(heads));
        after.values().removeIf(Set::isEmpty);
    }

    /** Writes down all heads removed so far. */
    public ObjectNode write(ObjectNode json) {
        ObjectNode layers = json.putObject("pruned_heads");
        after.forEach((layer, heads) -> {
            ArrayNode list = layers.putArray(layer.toString());
            heads.forEach(list::add);
        });
        return json;
    }

    /**
     * What is left of a parameter.
     *
     * @param name its name
     * @param old it, in the model before
     * @param like it, in the model after, not filled yet
     */
    public Tensor left(String name, Tensor old, Tensor like) {
        Matcher place = ATTENTION.matcher(name);
        for (int dimension = 0; dimension < old.dim() && place.matches(); dimension++) {
            if (old.size(dimension) != like.size(dimension)) {
                int layer = Integer.parseInt(place.group(1));
                // Only self-attention in a model of one stack can become narrower: else its specification had refused.
                Stack.Spec body = ((SingleStackModel.Spec) spec).body();
                var attention = (SelfAttention.Spec) body.blocks().get(layer).attention();
                int heads = attention.heads().queries();
                int headDim = attention.heads().dim();
                long parts = old.size(dimension) / ((long) heads * headDim);
                Tensor apart = old.unflatten(dimension, parts, heads, headDim);
                return Tensors.pick(apart, dimension + 1L, kept(layer, heads))
                        .flatten(dimension, dimension + 2L);
            }
        }
        return old;
    }

    /** The places, among the heads that were left before, of those that stay. */
    private Tensor kept(int layer, int heads) {
        Set<Integer> gone = before.getOrDefault(layer, Set.of());
        Set<Integer> goes = after.getOrDefault(layer, Set.of());
        int[] left = IntStream.range(0, heads + gone.size())
                .filter(head -> !gone.contains(head)).toArray();
        long[] places = LongStream.range(0, heads).filter(place -> !goes.contains(left[(int) place])).toArray();
        return Tensors.ofLongs(places, places.length);
    }
}
