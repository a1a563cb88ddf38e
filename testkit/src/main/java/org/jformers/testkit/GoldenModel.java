package org.jformers.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.SafetensorsFile;

/**
 * A model folder with the values that the reference computes for it: {@code golden.json} says what is in {@code
 * golden.safetensors}. The format is described in docs/conformance.md. Owns the mapped file until closed.
 */
public final class GoldenModel implements AutoCloseable {
    /** The file that says what there is. */
    static final String INDEX = "golden.json";

    private static final String VALUES = "golden.safetensors";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final JsonNode index;
    private final SafetensorsFile values;

    /**
     * One use of the model.
     *
     * @param name its name
     * @param prefix what its tensors' names begin with
     * @param kind how the model is used: {@code forward}, {@code incremental} ...
     * @param arguments what the call says besides tensors
     * @param options settings of the kind
     * @param inputs names and shapes of the inputs
     * @param outputs names and shapes of the outputs
     * @param compareWhere which positions have a defined value; empty if all
     */
    public record Case(
            String name,
            String prefix,
            String kind,
            JsonNode arguments,
            JsonNode options,
            Map<String, List<Long>> inputs,
            Map<String, List<Long>> outputs,
            Optional<String> compareWhere) {

        /** The same without asking for further outputs: gradients are those of a plain call. */
        Case plain() {
            ObjectNode plain = arguments.isObject() ? arguments.deepCopy() : JsonNodeFactory.instance.objectNode();
            plain.properties().removeIf(argument -> argument.getKey().startsWith("output_"));
            return new Case(name, prefix, kind, plain, options, inputs, outputs, compareWhere);
        }
    }

    /**
     * Gradients after one backward pass.
     *
     * @param ofCase name of the case whose loss it is
     * @param loss that loss
     * @param parameters Euclidean norm and sum by name in the checkpoint, tied parameters once
     */
    public record Gradients(String ofCase, double loss, Map<String, Gradient> parameters) {}

    /** What is known of the gradient of one parameter. */
    public record Gradient(double norm, double sum) {}

    /**
     * What the model generates.
     *
     * @param name its name
     * @param inputPrefix what the names of its inputs begin with
     * @param settings what {@code generation_config.json} does not say
     * @param sequences the ids, prompt or start token included
     * @param scores scores of the sequences; of beam search only
     */
    public record Generation(
            String name,
            String inputPrefix,
            JsonNode settings,
            List<List<Long>> sequences,
            Optional<List<Double>> scores) {}

    private GoldenModel(Path folder, JsonNode index, SafetensorsFile values) {
        this.folder = folder;
        this.index = index;
        this.values = values;
    }

    /** Opens a folder; throws {@link JformersException} if a file is missing or broken. */
    public static GoldenModel open(Path folder) {
        Path file = folder.resolve(INDEX);
        try {
            return new GoldenModel(
                    folder, JSON.readTree(Files.readString(file)), SafetensorsFile.open(folder.resolve(VALUES)));
        } catch (JsonProcessingException e) {
            throw new JformersException("golden.json: no valid JSON, " + e.getOriginalMessage() + ", in " + file, e);
        } catch (IOException e) {
            throw new JformersException("golden.json: cannot be read, " + file, e);
        }
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** Tolerance of output tensors. */
    public Tolerance tolerance() {
        return new Tolerance(number("tolerance", "abs"), number("tolerance", "rel"));
    }

    /** Tolerance of losses. */
    public Tolerance lossTolerance() {
        return new Tolerance(number("tolerance", "loss_abs"), 0);
    }

    /** Tolerance of norms and sums of gradients. */
    public Tolerance gradientTolerance() {
        return new Tolerance(
                number("tolerance", "gradient_abs"), number("tolerance", "gradient_rel"));
    }

    /** All cases in order. */
    public List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        required(index, "cases").forEach(node -> cases.add(new Case(
                required(node, "name").asText(),
                required(node, "prefix").asText(),
                required(node, "kind").asText(),
                node.path("kwargs"),
                node.path("options"),
                shapes(required(node, "inputs")),
                shapes(required(node, "outputs")),
                Optional.ofNullable(node.path("compare_where").textValue()))));
        return cases;
    }

    /** The gradients, if they are recorded. */
    public Optional<Gradients> gradients() {
        JsonNode node = index.path("gradients");
        if (!node.isObject()) {
            return Optional.empty();
        }
        Map<String, Gradient> parameters = new LinkedHashMap<>();
        required(node, "parameters").properties().forEach(entry -> parameters.put(entry.getKey(), new Gradient(
                required(entry.getValue(), "norm").asDouble(), required(entry.getValue(), "sum").asDouble())));
        return Optional.of(new Gradients(
                required(node, "case").asText(), required(node, "loss").asDouble(), parameters));
    }

    /** What the model generates, in order. */
    public List<Generation> generations() {
        List<Generation> generations = new ArrayList<>();
        index.path("generation").forEach(node -> {
            List<List<Long>> sequences = new ArrayList<>();
            required(node, "sequences").forEach(row -> {
                List<Long> ids = new ArrayList<>();
                row.forEach(id -> ids.add(id.asLong()));
                sequences.add(ids);
            });
            List<Double> scores = new ArrayList<>();
            node.path("sequences_scores").forEach(score -> scores.add(score.asDouble()));
            generations.add(new Generation(
                    required(node, "name").asText(), required(node, "input_prefix").asText(), node.path("kwargs"),
                    sequences, scores.isEmpty() ? Optional.empty() : Optional.of(scores)));
        });
        return generations;
    }

    /** The inputs of a case by name. */
    public Map<String, Tensor> inputs(Case golden) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        golden.inputs().keySet().forEach(name -> inputs.put(name, values.tensor(golden.prefix() + "in." + name)));
        return inputs;
    }

    /** The inputs whose names begin with a prefix, by the rest of their names. */
    public Map<String, Tensor> inputs(String prefix) {
        String start = prefix + "in.";
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        values.tensors().keySet().stream().filter(name -> name.startsWith(start)).forEach(name ->
                inputs.put(name.substring(start.length()), values.tensor(name)));
        return inputs;
    }

    /** The value that an output should have. */
    public Tensor output(Case golden, String name) {
        return values.tensor(golden.prefix() + "out." + name);
    }

    @Override
    public void close() {
        values.close();
    }

    private double number(String object, String key) {
        return required(required(index, object), key).asDouble();
    }

    private JsonNode required(JsonNode node, String key) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) {
            throw new JformersException("golden.json: key " + key + " is missing, in " + folder.resolve(INDEX));
        }
        return value;
    }

    private static Map<String, List<Long>> shapes(JsonNode node) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        node.properties().forEach(entry -> {
            List<Long> shape = new ArrayList<>();
            entry.getValue().forEach(size -> shape.add(size.asLong()));
            shapes.put(entry.getKey(), shape);
        });
        return shapes;
    }
}
