package org.jformers.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.head.SentencePooling;
import org.jformers.objective.AuxiliaryLanguage;
import org.jformers.objective.Classification;
import org.jformers.objective.Distillation;
import org.jformers.objective.HiddenPatches;
import org.jformers.objective.LabelSmoothing;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.objective.PairContrast;
import org.jformers.objective.SentenceLoss;
import org.jformers.objective.SentenceLoss.Distance;
import org.jformers.objective.SentencePairs;
import org.jformers.objective.SentenceSimilarity;
import org.jformers.objective.SequenceToSequence;
import org.jformers.objective.SmoothedLabels;
import org.jformers.objective.Transcription;
import org.jformers.optim.Adam;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Check;
import org.jformers.testkit.GoldenModel.Gradient;
import org.jformers.testkit.GoldenParameters;
import org.jformers.testkit.Tolerance;

/**
 * A training run beside the reference's: the folder of a model before it, its batches, and what the reference says of
 * each step. tools/golden/make_loss_fixtures.py says what is in the files.
 */
final class GoldenRun {
    private static final Tolerance LOSS = new Tolerance(1e-5, 0);
    private static final Tolerance NORM = new Tolerance(1e-5, 1e-5);
    private static final Tolerance GRADIENT = new Tolerance(1e-6, 1e-4);
    private static final Tolerance MOVED = new Tolerance(1e-5, 1e-3);

    private final Path folder;
    private final JsonNode golden;

    GoldenRun(Path folder) {
        this.folder = folder;
        try {
            golden = new JsonMapper().readTree(folder.resolve("golden.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the run does; a change of it changes the run. */
    ObjectNode recipe() {
        return (ObjectNode) golden.get("recipe");
    }

    /** Trains as the recipe says, and compares; {@code change} spoils the model before, or leaves it as it is. */
    List<Check> run(Consumer<Model> change) {
        Task task = Task.valueOf(golden.get("task").textValue());
        try (Model model = AutoModel.load(folder, task, LoadMode.STRICT).model()) {
            Scopes.run(() -> change.accept(model));
            if (!Files.isDirectory(folder.resolve("teacher"))) {
                return Scopes.get(() -> train(model, objective(model)));
            }
            try (Model teacher = AutoModel.load(folder.resolve("teacher"), task, LoadMode.STRICT).model()) {
                return Scopes.get(() -> train(model, taught(model, teacher)));
            }
        }
    }

    private Objective taught(Model model, Model teacher) {
        JsonNode said = golden.get("objective");
        return new Distillation(plain(model), model, teacher,
                new Distillation.Weights(said.get("temperature").doubleValue(), said.get("soft").doubleValue(),
                        said.get("hard").doubleValue(), said.get("cosine").doubleValue(),
                        said.get("states").doubleValue()),
                said.get("labelled").booleanValue() ? Distillation.Places.LABELLED : Distillation.Places.ALL);
    }

    private Objective objective(Model model) {
        JsonNode sentences = golden.path("objective");
        if (sentences.has("auxiliary")) {
            return new AuxiliaryLanguage(model, AutoModel.spec(model.config(), Task.CAUSAL_LM),
                    sentences.get("auxiliary").doubleValue());
        }
        if (sentences.has("hidden")) {
            return new HiddenPatches(model);
        }
        if (sentences.isObject()) {
            return new SentenceSimilarity(model, new SentencePooling(
                    SentencePooling.Kind.valueOf(constant(sentences, "pooling")),
                    sentences.get("normalize").booleanValue()), loss(sentences));
        }
        return plain(model);
    }

    private Objective plain(Model model) {
        return switch (model.identity().task()) {
            case CAUSAL_LM -> new NextToken(model);
            case PRETRAINING -> new SentencePairs(model);
            case CTC -> new Transcription(model);
            case CONTRASTIVE -> new PairContrast(model);
            case SEQ2SEQ_LM -> smoothed(new SequenceToSequence(model), model);
            default -> new Classification(model);
        };
    }

    private Objective smoothed(Objective plain, Model model) {
        double share = recipe().path("label_smoothing").doubleValue();
        return share == 0 ? plain : new SmoothedLabels(
                plain, model, new LabelSmoothing(share, LabelSmoothing.Over.ALL));
    }

    private static String constant(JsonNode objective, String key) {
        return objective.get(key).textValue().toUpperCase(Locale.ROOT);
    }

    private static SentenceLoss loss(JsonNode objective) {
        double margin = objective.path("margin").doubleValue();
        Supplier<Distance> distance = () -> Distance.valueOf(constant(objective, "distance"));
        return switch (objective.get("loss").textValue()) {
            case "in_batch_negatives" -> new SentenceLoss.InBatchNegatives(objective.get("scale").doubleValue());
            case "cosine" -> new SentenceLoss.Cosine();
            case "triplet" -> new SentenceLoss.Triplet(distance.get(), margin);
            case "contrastive" -> new SentenceLoss.Contrastive(distance.get(), margin);
            default -> new SentenceLoss.OnlineContrastive(distance.get(), margin);
        };
    }

    private List<Check> train(Model model, Objective objective) {
        JsonNode recipe = recipe();
        int steps = recipe.get("steps").intValue();
        double rate = recipe.get("rate").doubleValue();
        double decay = recipe.get("weight_decay").doubleValue();
        Map<String, Tensor> before = copies(model.network().tensors());
        List<StepReport> reports = new ArrayList<>();
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        try (Adam adam = new Adam(
                new Adam.Settings(Adam.Decay.DECOUPLED, recipe.get("beta1").doubleValue(),
                        recipe.get("beta2").doubleValue(), recipe.get("epsilon").doubleValue(), decay),
                ParameterGroup.byDecay(model.network().parameters(), decay))) {
            TrainingListener reporting = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    reports.add(report);
                }
            };
            new TrainingLoop(
                            new TrainingLoop.Parts(
                                    new TrainedModel(model), objective, new Watched(adam, gradients),
                                    new Schedule.Linear(rate, recipe.get("warmup").intValue(), steps)),
                            batches(),
                            new TrainingSettings(steps, Duration.ZERO, recipe.get("accumulation").intValue(),
                                    recipe.get("clip").doubleValue(), Precision.FLOAT32),
                            List.of(reporting), TrainingProgress.START)
                    .run();
        }
        Map<String, Tensor> moved = new LinkedHashMap<>();
        model.network().parameters().forEach((name, parameter) -> {
            if (parameter.trained()) {
                moved.put(name, parameter.tensor().detach().sub(before.get(name)));
            }
        });
        return compared(model, reports, gradients, moved);
    }

    private List<Check> compared(
            Model model, List<StepReport> reports, Map<String, Tensor> gradients, Map<String, Tensor> moved) {
        List<Check> checks = new ArrayList<>();
        for (int step = 0; step < golden.get("losses").size(); step++) {
            StepReport report = reports.get(step);
            checks.add(number("loss of step " + step, report.loss(), golden.get("losses").get(step), LOSS));
            checks.add(number("norm of step " + step, report.gradientNorm(), golden.get("norms").get(step), NORM));
        }
        checks.addAll(GoldenParameters.compare("gradient", model, gradients, sums("gradients"), GRADIENT));
        checks.addAll(GoldenParameters.compare("moved", model, moved, sums("moved"), MOVED));
        golden.get("rounding").forEach(name -> checks.removeIf(check ->
                check.name().equals("moved " + name.textValue())));
        return checks;
    }

    private static Check number(String name, double got, JsonNode expected, Tolerance tolerance) {
        String detail = "got " + got + ", expected " + expected.doubleValue();
        double error = Tolerance.error(got, expected.doubleValue());
        return tolerance.accepts(got, expected.doubleValue())
                ? new Check(name, Check.Outcome.PASSED, error, detail)
                : new Check(name, Check.Outcome.FAILED, error, detail);
    }

    private Map<String, Gradient> sums(String key) {
        Map<String, Gradient> sums = new LinkedHashMap<>();
        golden.get(key).properties().forEach(entry -> sums.put(entry.getKey(), new Gradient(
                entry.getValue().get("norm").doubleValue(), entry.getValue().get("sum").doubleValue())));
        return sums;
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> copies.put(name, tensor.detach().clone()));
        return copies;
    }

    /** The batches in turn, without end. */
    private Iterator<Batch> batches() {
        Map<String, Batch.Field> all = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("golden.safetensors"))) {
            Scopes.run(() -> file.tensors().keySet().forEach(name -> {
                Tensor tensor = file.tensor(name);
                all.put(name.substring("in.".length()), tensor.is_floating_point()
                        ? new Batch.Floats(Tensors.toFloats(tensor), tensor.shape())
                        : new Batch.Longs(Tensors.toLongs(tensor), tensor.shape()));
            }));
        }
        long count = all.values().iterator().next().shape()[0];
        List<Batch> batches = LongStream.range(0, count).mapToObj(at -> batch(all, (int) at)).toList();
        return Stream.iterate(0, at -> (at + 1) % batches.size()).map(batches::get).iterator();
    }

    private Batch batch(Map<String, Batch.Field> all, int at) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        all.forEach((name, field) -> {
            long[] shape = Arrays.copyOfRange(field.shape(), 1, field.shape().length);
            int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            fields.put(name, field instanceof Batch.Longs longs
                    ? new Batch.Longs(Arrays.copyOfRange(longs.values(), at * size, (at + 1) * size), shape)
                    : new Batch.Floats(Arrays.copyOfRange(
                            ((Batch.Floats) field).values(), at * size, (at + 1) * size), shape));
        });
        // Texts of several columns are more than rows with labels; spans and images have none.
        int rows = (int) fields.getOrDefault("labels", fields.values().iterator().next()).shape()[0];
        long labels = fields.get("labels") instanceof Batch.Longs longs
                ? Arrays.stream(longs.values()).filter(label -> label != Batch.IGNORED_LABEL).count()
                : rows * golden.path("objective").path("hidden").asLong(1);
        return new Batch(fields, rows, labels, at + 1L);
    }

    /** Keeps the gradients of the first step, as the optimizer got them. */
    private record Watched(Optimizer optimizer, Map<String, Tensor> first) implements Optimizer {
        @Override
        public void step(double learningRate) {
            if (first.isEmpty()) {
                groups().forEach(group -> group.parameters().forEach((name, parameter) -> {
                    Tensor gradient = parameter.tensor().grad();
                    if (gradient.defined()) {
                        first.put(name, gradient.clone());
                    }
                }));
            }
            optimizer.step(learningRate);
        }

        @Override
        public List<ParameterGroup> groups() {
            return optimizer.groups();
        }

        @Override
        public Map<String, Tensor> state() {
            return optimizer.state();
        }

        @Override
        public void restore(Map<String, Tensor> state) {
            optimizer.restore(state);
        }

        @Override
        public void close() {
            optimizer.close();
        }
    }
}
