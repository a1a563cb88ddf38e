package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.generation.StopStrings;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.pipeline.ImageClassification;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;

/** What cases call that have a model's folder, or a part of one. */
final class ModelOperations {
    private ModelOperations() {}

    static Map<String, Operation> all() {
        return Map.of(
                "forward", new Operation(
                        Set.of("folder", "adapter", "task", "inputs", "outputs"), ModelOperations::forward),
                "generate", new Operation(Set.of("folder", "prompts", "stop"), ModelOperations::generate),
                "labels", new Operation(Set.of("folder"), ModelOperations::labels),
                "classify", new Operation(Set.of("folder", "file"), ModelOperations::classify),
                "pixels", new Operation(Set.of("folder", "file"), ModelOperations::pixels));
    }

    private static JsonNode forward(Case one) {
        ObjectNode outputs = Case.JSON.createObjectNode();
        try (Model model = model(one);
                NoGrad noGrad = new NoGrad()) {
            ModelOutput output = model.forward(inputs(one.require("inputs")));
            for (String name : Case.texts(one.require("outputs"))) {
                Tensor tensor = output.find(name).orElseThrow(() -> new JformersException(
                        "output " + name + " is missing, the model returns " + output.tensors().keySet()));
                ArrayNode flat = outputs.putArray(name);
                for (float value : Tensors.toFloats(tensor)) {
                    flat.add((double) value);
                }
            }
        }
        return outputs;
    }

    private static Model model(Case one) {
        Path folder = one.path("folder");
        if (!one.has("task")) {
            return one.has("adapter") ? AutoModel.load(folder, one.path("adapter")) : AutoModel.load(folder);
        }
        Model model = AutoModel.load(folder, Task.valueOf(one.text("task")), LoadMode.DEFAULT).model();
        try {
            if (one.has("adapter")) {
                LoraAdapter.open(one.path("adapter")).mergeInto(model);
            }
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static ModelInputs inputs(JsonNode json) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        json.properties().forEach(input -> inputs.put(input.getKey(), tensor(input.getValue())));
        return ModelInputs.of(inputs);
    }

    /** Nested lists of equal lengths: float32 if one number is written as a float, int64 otherwise. */
    private static Tensor tensor(JsonNode nested) {
        List<Long> shape = new ArrayList<>();
        for (JsonNode level = nested; level.isArray(); level = level.path(0)) {
            shape.add((long) level.size());
        }
        List<JsonNode> numbers = new ArrayList<>();
        flatten(nested, numbers);
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        if (numbers.stream().noneMatch(JsonNode::isFloatingPointNumber)) {
            return Tensors.ofLongs(numbers.stream().mapToLong(ModelOperations::whole).toArray(), sizes);
        }
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers.get(i).floatValue();
        }
        return Tensors.ofFloats(values, sizes);
    }

    private static long whole(JsonNode number) {
        return number.isBoolean() && number.asBoolean() ? 1 : number.asLong();
    }

    private static void flatten(JsonNode nested, List<JsonNode> numbers) {
        if (nested.isArray()) {
            nested.forEach(part -> flatten(part, numbers));
        } else {
            numbers.add(nested);
        }
    }

    private static JsonNode generate(Case one) {
        Path folder = one.path("folder");
        List<int[]> prompts = new ArrayList<>();
        one.require("prompts").forEach(ids -> prompts.add(Case.JSON.convertValue(ids, int[].class)));
        try (Model model = AutoModel.load(folder)) {
            GenerationConfig config = GenerationConfig.load(folder);
            Controls controls = one.flag("stop")
                    ? Controls.NONE.withRule(new StopStrings(AutoTokenizer.load(folder), config.stopStrings()))
                    : Controls.NONE;
            List<List<int[]>> sequences = new ArrayList<>();
            new Generator(model).generate(prompts, config, controls).forEach(continuations ->
                    sequences.add(continuations.stream().map(Continuation::ids).toList()));
            return Case.JSON.valueToTree(sequences);
        }
    }

    private static JsonNode labels(Case one) {
        return Case.JSON.valueToTree(AutoConfig.load(one.path("folder")).common().labels());
    }

    private static JsonNode classify(Case one) {
        ObjectNode scores = Case.JSON.createObjectNode();
        try (ImageClassification classification = ImageClassification.load(one.path("folder"))) {
            classification.classify(one.path("file")).forEach(label -> scores.put(label.label(), label.score()));
        }
        return scores;
    }

    private static JsonNode pixels(Case one) {
        ModelInputs inputs = ImageProcessor.load(one.path("folder")).inputs(List.of(ImageFile.read(one.path("file"))));
        return Case.JSON.valueToTree(Tensors.toFloats(inputs.require("pixel_values")));
    }
}
