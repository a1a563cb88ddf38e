package org.jformers.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelFamily;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.testkit.GoldenModel.Case;
import org.jformers.testkit.GoldenModel.Gradients;

/** Runs one model folder: loads it strictly, then compares outputs, gradients and generated ids, then saves it. */
final class ModelConformance {
    private static final String LOAD = "load";

    private final GoldenModel golden;
    private final Model model;
    private final List<Check> checks;

    private ModelConformance(GoldenModel golden, Model model, List<Check> checks) {
        this.golden = golden;
        this.model = model;
        this.checks = checks;
    }

    static ConformanceResult run(Path folder) {
        List<Check> checks = new ArrayList<>();
        Scopes.run(() -> {
            try (GoldenModel golden = GoldenModel.open(folder)) {
                Optional<String> lacking = lacking(folder);
                if (lacking.isPresent()) {
                    checks.add(Check.unsupported(LOAD, lacking.get()));
                    return;
                }
                Config config = AutoConfig.load(folder);
                try (Model model = load(folder, config)) {
                    checks.add(Check.passed(LOAD, model.network().parameters().size() + " parameters"));
                    new ModelConformance(golden, model, checks).run();
                } catch (ConfigException e) {
                    checks.add(Check.unsupported(LOAD, e.getMessage()));
                }
            } catch (RuntimeException e) {
                checks.add(Check.thrown(LOAD, e));
            }
        });
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return new ConformanceResult(String.valueOf(name), checks);
    }

    /** Which family or head there would have to be, if it is not there. */
    private static Optional<String> lacking(Path folder) {
        try {
            JsonNode config = new ObjectMapper().readTree(Files.readString(folder.resolve("config.json")));
            String type = config.path("model_type").asText();
            Optional<ModelFamily<?>> family = ModelFamilies.all().stream()
                    .filter(known -> known.modelType().equals(type))
                    .findFirst();
            if (family.isEmpty()) {
                return Optional.of("model_type " + type);
            }
            JsonNode architecture = config.path("architectures").path(0);
            boolean known = architecture.isMissingNode()
                    || family.get().architectures().containsKey(architecture.asText());
            return known ? Optional.empty() : Optional.of("architecture " + architecture.asText());
        } catch (IOException e) {
            throw new JformersException("config.json: cannot be read, " + e.getMessage() + ", in " + folder, e);
        }
    }

    private static Model load(Path folder, Config config) {
        return AutoModel.load(folder, AutoModel.declaredTask(config), LoadMode.STRICT).model();
    }

    /** Compares the outputs of all cases with those of a model that is loaded already. */
    static List<Check> outputs(GoldenModel golden, Model model) {
        List<Check> checks = new ArrayList<>();
        ModelConformance conformance = new ModelConformance(golden, model, checks);
        golden.cases().forEach(one -> conformance.attempt(one.name(), () -> conformance.compare(one)));
        return checks;
    }

    private void run() {
        List<Case> cases = golden.cases();
        checks.addAll(outputs(golden, model));
        golden.gradients().ifPresent(gradients -> attempt("gradients", () -> compare(gradients, cases)));
        golden.generations().forEach(record -> attempt("generation " + record.name(), () ->
                checks.add(new GoldenGeneration(golden, model, record).run())));
        attempt("save and load", this::saveAndLoad);
        if (cases.isEmpty()) {
            checks.add(Check.failed("cases", "there are none"));
        }
    }

    private void attempt(String name, Runnable check) {
        try {
            Scopes.run(check);
        } catch (RuntimeException e) {
            checks.add(Check.thrown(name, e));
        }
    }

    private void compare(Case one) {
        Optional<String> lacking = GoldenCase.lacking(one);
        if (lacking.isPresent()) {
            checks.add(Check.unsupported(one.name(), lacking.get()));
            return;
        }
        try (NoGrad noGrad = new NoGrad()) {
            GoldenCase.Outputs outputs = new GoldenCase(golden, model, one).run();
            one.outputs().forEach((name, shape) -> checks.add(compare(one, name, shape, outputs)));
        }
    }

    private Check compare(Case one, String name, List<Long> shape, GoldenCase.Outputs outputs) {
        String label = one.name() + ": " + name;
        Tensor expected = golden.output(one, name);
        Tensor got = outputs.tensors().get(name);
        if (got == null) {
            return Check.failed(label, "missing, the model returns " + outputs.tensors().keySet());
        }
        boolean isLoss = shape.isEmpty() && (name.equals("loss") || name.endsWith("_loss"));
        Tolerance tolerance = isLoss
                ? golden.lossTolerance()
                : expected.is_floating_point() ? golden.tolerance() : Tolerance.EXACT;
        Difference difference = difference(outputs, name, expected, tolerance);
        boolean passed = difference.accepted() && shape.equals(difference.expectedShape());
        return new Check(label, passed ? Check.Outcome.PASSED : Check.Outcome.FAILED, difference.error(),
                difference.describe());
    }

    /** How an output differs from what it should be, where it has a defined value. */
    static Difference difference(GoldenCase.Outputs outputs, String name, Tensor expected, Tolerance tolerance) {
        int positions = name.contains("attentions") ? (int) expected.dim() - 2 : 1;
        Optional<Rows> rows = outputs.rows(name);
        return Difference.between(Objects.requireNonNull(outputs.tensors().get(name)), expected, tolerance, index ->
                rows.isEmpty()
                        || (name.contains("router_logits")
                                ? rows.get().countFlat(index[0])
                                : rows.get().count(index, positions)));
    }

    private void compare(Gradients gradients, List<Case> cases) {
        Case one = cases.stream().filter(c -> c.name().equals(gradients.ofCase())).findFirst().orElseThrow(() ->
                new JformersException("golden.json: gradients of case " + gradients.ofCase() + ", which is not there"));
        Optional<String> lacking = GoldenCase.lacking(one);
        if (lacking.isPresent()) {
            checks.add(Check.unsupported("gradients", lacking.get()));
            return;
        }
        Tensor loss = loss(new GoldenCase(golden, model, one.plain()).run().tensors());
        double got = loss.to(ScalarType.Double).item_double();
        if (!golden.lossTolerance().accepts(got, gradients.loss())) {
            checks.add(Check.failed("gradients: loss", "got " + got + ", expected " + gradients.loss()));
        }
        loss.backward();
        Map<String, Tensor> byParameter = new LinkedHashMap<>();
        model.network().tensors().forEach((name, parameter) -> {
            Tensor gradient = parameter.grad();
            if (gradient.defined()) {
                byParameter.put(name, gradient);
            }
        });
        checks.addAll(GoldenParameters.compare(
                "gradient", model, byParameter, gradients.parameters(), golden.gradientTolerance()));
    }

    /** The loss, or the mean of losses per token. */
    private static Tensor loss(Map<String, Tensor> outputs) {
        Tensor loss = outputs.containsKey("loss") ? outputs.get("loss") : outputs.get("losses");
        if (loss == null) {
            throw new JformersException("the model returns no loss, but " + outputs.keySet());
        }
        return loss.mean();
    }

    /** What is saved holds the checkpoint's own bits, and loads as the same model. */
    private void saveAndLoad() {
        try (TemporaryFolder folder = new TemporaryFolder()) {
            model.save(folder.path());
            try (Model again = load(folder.path(), AutoConfig.load(folder.path()))) {
                Map<String, Tensor> before = model.network().tensors();
                Map<String, Tensor> after = again.network().tensors();
                List<String> changed = before.keySet().stream()
                        .filter(name -> !after.containsKey(name)
                                || !Objects.requireNonNull(before.get(name)).equal(after.get(name)))
                        .toList();
                boolean same = changed.isEmpty() && after.size() == before.size();
                checks.add(same
                        ? Check.passed("save and load", before.size() + " parameters, bit for bit")
                        : Check.failed("save and load", "changed: " + changed));
            }
            List<String> other = otherThanStored(folder.path());
            checks.add(other.isEmpty()
                    ? Check.passed("saved weights", "those of the checkpoint")
                    : Check.failed("saved weights", "not those of the checkpoint: " + other));
        }
    }

    /**
     * Names in a saved folder whose tensors are not those of the golden folder in float32. Parameters that the golden
     * folder holds under another name have been compared after loading.
     */
    private List<String> otherThanStored(Path saved) {
        try (Checkpoint ours = Checkpoint.open(saved);
                Checkpoint theirs = Checkpoint.open(golden.folder())) {
            Map<String, String> stored = new LinkedHashMap<>();
            theirs.names().forEach(name -> stored.put(model.identity().weights().known(name), name));
            Set<String> parameters = model.network().tensors().keySet();
            Set<String> elsewhere = new TreeSet<>();
            stored.keySet().stream().filter(name -> !ours.names().contains(name)).forEach(name ->
                    model.identity().weights().heldBy(name, parameters).forEach(parameter -> elsewhere.addAll(
                            model.named(Map.of(parameter, model.network().tensors().get(parameter))).keySet())));
            return ours.names().stream()
                    .filter(name -> !elsewhere.contains(name))
                    .filter(name -> !stored.containsKey(name)
                            || !ours.tensor(name).equal(
                                    theirs.tensor(stored.get(name)).to(ours.info(name).dtype().scalarType())))
                    .toList();
        }
    }
}
