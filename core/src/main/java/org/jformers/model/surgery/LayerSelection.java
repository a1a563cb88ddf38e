package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.stack.Stack;

/**
 * Which layers of a model a smaller one begins with: DistilBERT begins with every second one of BERT (arXiv:1910.01108,
 * 3), which its own code takes as 0, 2, 4, 7, 9 and 11.
 */
public final class LayerSelection {
    private static final Pattern BLOCK = Pattern.compile("((?:.*\\.)?blocks\\.)(\\d+)(\\..*)");

    /** Where families say how many layers they have. */
    private static final List<String> COUNTS = List.of("num_hidden_layers", "n_layer", "n_layers", "num_layers");

    private final int count;
    private final List<Integer> layers;

    /**
     * @param layers numbers from 0 of those that stay, ascending
     * @throws ConfigException if there are no such layers, or the model is not one stack whose layers have parameters
     *     of their own
     */
    public LayerSelection(Model model, List<Integer> layers) {
        String architecture = model.identity().architecture();
        if (!(model.identity().spec() instanceof SingleStackModel.Spec spec) || shares(spec.body().layers())) {
            throw new ConfigException("layers: got " + architecture
                    + ", allowed models of one stack whose layers have parameters of their own");
        }
        count = spec.body().layers().blocks().size();
        this.layers = List.copyOf(layers);
        int last = -1;
        for (int layer : layers) {
            if (layer <= last || layer >= count) {
                throw new ConfigException("layers: got " + layers + ", allowed ascending numbers from 0 to "
                        + (count - 1) + ", those of " + architecture);
            }
            last = layer;
        }
        if (layers.isEmpty()) {
            throw new ConfigException("layers: got none, allowed one or more");
        }
    }

    private static boolean shares(Stack.Layers layers) {
        return layers.order().stream().distinct().count() != layers.order().size();
    }

    /** Writes down how many there are, and what is said of each. */
    public ObjectNode write(ObjectNode json) {
        String key = COUNTS.stream().filter(name -> json.path(name).isInt()).findFirst().orElseThrow(() ->
                new ConfigException("layers: got a config without a number of layers, allowed one with any of "
                        + COUNTS));
        json.put(key, layers.size());
        json.properties().forEach(entry -> {
            boolean ofLayers = entry.getKey().contains("layer") && entry.getValue().size() == count;
            if (ofLayers && entry.getValue() instanceof ArrayNode each) {
                List<JsonNode> kept = layers.stream().map(each::get).toList();
                each.removeAll().addAll(kept);
            }
        });
        return json;
    }

    /** The name that a parameter of the smaller model has in the whole one. */
    public String whole(String name) {
        Matcher place = BLOCK.matcher(name);
        return place.matches()
                ? place.group(1) + layers.get(Integer.parseInt(place.group(2))) + place.group(3)
                : name;
    }
}
