package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.surgery.Lora;
import org.jformers.objective.Classification;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.optim.Adam;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.Schedule;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with LoRA beside PEFT's: losses, gradients, and what is saved. */
final class LoraTrainingTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private static Path fixture(String name) {
        try {
            return Path.of(LoraTrainingTest.class.getResource("/lora/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Lora.Spec spec(Path adapter) {
        JsonNode config = json(adapter.resolve("adapter_config.json"));
        List<String> targets = new ArrayList<>();
        config.get("target_modules").forEach(name -> targets.add(name.textValue()));
        return new Lora.Spec(config.get("r").intValue(), config.get("lora_alpha").doubleValue(), 0, targets,
                config.get("use_rslora").booleanValue());
    }

    private static long[] flat(JsonNode array) {
        List<Long> values = new ArrayList<>();
        array.forEach(row -> {
            if (row.isArray()) {
                row.forEach(value -> values.add(value.longValue()));
            } else {
                values.add(row.longValue());
            }
        });
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static Batch batch(JsonNode golden, boolean words) {
        long[] ids = flat(golden.get("input_ids"));
        long[] labels = flat(golden.get("labels"));
        long rows = golden.get("input_ids").size();
        long length = ids.length / rows;
        if (words) { // of the next position
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (i + 1) % length == 0 ? Batch.IGNORED_LABEL : ids[i + 1];
            }
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(ids, rows, length));
        fields.put("labels", labels.length == rows
                ? new Batch.Longs(labels, rows)
                : new Batch.Longs(labels, rows, length));
        long counted = Arrays.stream(labels).filter(label -> label != Batch.IGNORED_LABEL).count();
        return new Batch(fields, (int) rows, counted, 1);
    }

    private static float[] logits(Model model, Batch batch) {
        Batch.Longs ids = batch.longs("input_ids");
        try (NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> Tensors.toFloats(
                    model.forward(ModelInputs.of(Tensors.ofLongs(ids.values(), ids.shape()))).logits()));
        }
    }

    private static void assertClose(String what, float[] got, float[] expected, double tolerance) {
        assertThat(got).as(what).containsExactly(expected, Offset.offset((float) tolerance));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-classes", "roberta-tags", "distilbert-classes", "gpt2-words", "llama-words"})
    void trainsAsPeftDoes(String name) {
        Path golden = fixture(name);
        JsonNode record = json(golden.resolve("lora.json"));
        try (Model model = AutoModel.load(golden.resolve("base"));
                Model other = AutoModel.load(golden.resolve("base"))) {
            Lora lora = Lora.load(model, golden.resolve("start"));
            assertThat(Lora.attach(other, spec(golden.resolve("start"))).tensors().keySet())
                    .containsExactlyElementsOf(lora.tensors().keySet());
            boolean words = model.identity().task() == Task.CAUSAL_LM;
            Batch batch = batch(record, words);
            Objective objective = words ? new NextToken(model) : new Classification(model);
            compareGradients(lora, objective, batch, record.get("gradients"));
            List<Double> losses = train(model, objective, batch, record.get("rate").doubleValue(), 20);
            for (int step = 0; step < losses.size(); step++) {
                assertThat(losses.get(step)).as("step %d", step)
                        .isCloseTo(record.get("losses").get(step).doubleValue(), Offset.offset(1e-5));
            }
            float[] adapted = logits(model, batch);
            float[] expected = new float[adapted.length];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = record.get("logits").get(i).floatValue();
            }
            assertClose("logits", adapted, expected, 1e-5);

            lora.save(folder, "base");
            compareSaved(golden.resolve("end"));
            try (Model merged = AutoModel.load(golden.resolve("base"), folder)) {
                assertClose("merged", logits(merged, batch), adapted, 1e-5);
            }
        }
    }

    private static void compareGradients(Lora lora, Objective objective, Batch batch, JsonNode golden) {
        Scopes.run(() -> {
            objective.loss(batch).main().div(new Scalar((double) batch.labels())).backward();
            Map<String, Tensor> tensors = lora.tensors();
            golden.fieldNames().forEachRemaining(name -> {
                Tensor gradient = tensors.get(name).grad();
                assertThat(gradient.sum().item_double()).as(name)
                        .isCloseTo(golden.get(name).get(0).doubleValue(), Offset.offset(1e-5));
                assertThat(gradient.norm().item_double()).as(name)
                        .isCloseTo(golden.get(name).get(1).doubleValue(), Offset.offset(1e-5));
            });
            tensors.values().forEach(tensor -> tensor.mutable_grad().reset());
        });
    }

    private static List<Double> train(Model model, Objective objective, Batch batch, double rate, int steps) {
        List<Double> losses = new ArrayList<>();
        try (Adam adam = new Adam(new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.999, 1e-6, 0.01),
                ParameterGroup.byDecay(model.network().parameters(), 0.01))) {
            TrainingListener listener = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    losses.add(report.loss());
                }
            };
            new TrainingLoop(
                            new TrainingLoop.Parts(
                                    new TrainedModel(model), objective, adam, new Schedule.Constant(rate)),
                            Stream.generate(() -> batch).iterator(),
                            new TrainingSettings(steps, Duration.ZERO, 1, 0, Precision.FLOAT32), List.of(listener),
                            TrainingProgress.START)
                    .run();
        }
        return losses;
    }

    /** The same names as PEFT's, and its values after as many steps. */
    private void compareSaved(Path expected) {
        try (Checkpoint ours = Checkpoint.open(folder.resolve("adapter_model.safetensors"));
                Checkpoint theirs = Checkpoint.open(expected.resolve("adapter_model.safetensors"))) {
            assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
            Scopes.run(() -> theirs.names().forEach(name -> assertClose(
                    name, Tensors.toFloats(ours.tensor(name)), Tensors.toFloats(theirs.tensor(name)), 1e-5)));
        }
        JsonNode config = json(folder.resolve("adapter_config.json"));
        JsonNode reference = json(expected.resolve("adapter_config.json"));
        for (String key : List.of("r", "use_rslora", "task_type", "peft_type", "fan_in_fan_out")) {
            assertThat(config.get(key)).as(key).isEqualTo(reference.get(key));
        }
    }

    /** Training goes on from a saved adapter as if it had never been saved. */
    @ParameterizedTest
    @ValueSource(strings = {"bert-classes", "gpt2-words"})
    void trainsASavedAdapterFurther(String name) {
        Path golden = fixture(name);
        try (Model first = AutoModel.load(golden.resolve("base"));
                Model second = AutoModel.load(golden.resolve("base"))) {
            boolean words = first.identity().task() == Task.CAUSAL_LM;
            Batch batch = batch(json(golden.resolve("lora.json")), words);
            Lora lora = Lora.attach(first, new Lora.Spec(2, 4, 0, List.of(), false));
            Objective objective = words ? new NextToken(first) : new Classification(first);
            train(first, objective, batch, 0.05, 5);
            lora.save(folder, "base");
            Lora.load(second, folder);
            Objective further = words ? new NextToken(second) : new Classification(second);
            List<Double> losses = train(second, further, batch, 0.05, 5);
            assertThat(losses).isEqualTo(train(first, objective, batch, 0.05, 5));
            assertThat(losses.get(4)).isLessThan(losses.get(0));
        }
    }

    /** What is saved in the middle of a run is what it goes on from, adapter and frozen weights alike. */
    @Test
    void aCheckpointHoldsTheAdapter() {
        Path base = fixture("bert-classes/base");
        Lora.Spec spec = new Lora.Spec(2, 4, 0, List.of(), false);
        Batch batch = batch(json(fixture("bert-classes/lora.json")), false);
        try (Model first = AutoModel.load(base); Model second = AutoModel.load(base)) {
            Lora.attach(first, spec);
            train(first, new Classification(first), batch, 0.05, 20);
            try (Trainable.Snapshot snapshot = new TrainedModel(first).snapshot()) {
                snapshot.write(folder);
            }
            Lora.attach(second, spec);
            new TrainedModel(second).restore(folder);
            first.network().tensors().forEach((name, tensor) -> assertThat(
                    Tensors.toFloats(second.network().tensors().get(name)))
                            .as(name).isEqualTo(Tensors.toFloats(tensor)));
            assertThat(first.network().trainedCount()).isLessThan(first.network().parameterCount() / 2);
        }
    }

    @Test
    void refusesWhatTheModelDoesNotHave() {
        try (Model model = AutoModel.load(fixture("bert-classes/base"))) {
            assertThatThrownBy(() -> Lora.attach(model, new Lora.Spec(2, 4, 0, List.of("q_proj"), false)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("lora target: got q_proj, allowed").hasMessageContaining("query");
            Lora.attach(model, new Lora.Spec(2, 4, 0, List.of("key"), false));
            assertThatThrownBy(() -> Lora.load(model, fixture("bert-classes/start")))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("got a model that has one");
        }
        assertThatThrownBy(() -> new Lora.Spec(0, 4, 0, List.of(), false)).isInstanceOf(ConfigException.class);
    }
}
