package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** A base with adapters of several forms, and the logits of PEFT: of make_lora_forms.py. */
record Forms(Path folder, JsonNode record) {
    static Forms of(String name) {
        try {
            Path folder = Path.of(Forms.class.getResource("/lora/" + name).toURI());
            return new Forms(folder, new JsonMapper().readTree(folder.resolve("logits.json").toFile()));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path base() {
        return folder.resolve("base");
    }

    Path adapter(String name) {
        return folder.resolve(name);
    }

    Model load() {
        return AutoModel.load(base());
    }

    List<String> adapters() {
        List<String> names = new ArrayList<>();
        record.get("adapters").fieldNames().forEachRemaining(names::add);
        return names;
    }

    float[] expected(String adapter) {
        return floats(record.get("adapters").get(adapter));
    }

    float[] expectedOfBase() {
        return floats(record.get("base"));
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).floatValue();
        }
        return values;
    }

    /** The logits of a model for the input of the record. */
    float[] logits(Model model) {
        try (NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> Tensors.toFloats(model.forward(inputs()).logits()));
        }
    }

    ModelInputs inputs() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        record.get("inputs").properties().forEach(entry -> inputs.put(entry.getKey(), Tensors.ofLongs(
                new JsonMapper().convertValue(entry.getValue(), long[][].class))));
        return ModelInputs.of(inputs);
    }
}
