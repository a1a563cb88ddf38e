package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.testkit.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A golden test that cannot fail is worth nothing: each of these must. */
final class ConformanceFailureTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bert-pretraining", "gpt2-cross-attention", "vaswani"})
    void noticesEveryParameterThatIsALittleOff(String name) {
        Path golden = Fixtures.folder("models/" + name);
        List<String> unnoticed = new ArrayList<>();
        try (Model model = AutoModel.load(golden);
                GoldenModel values = GoldenModel.open(golden)) {
            model.network().tensors().forEach((parameter, tensor) -> Scopes.run(() -> {
                Tensor before = tensor.detach().clone();
                change(tensor, 1.05, 0.02);
                if (ModelConformance.outputs(values, model).stream().allMatch(c -> c.outcome() == Outcome.PASSED)) {
                    unnoticed.add(parameter);
                }
                try (NoGrad noGrad = new NoGrad()) {
                    tensor.copy_(before);
                }
            }));
            assertThat(ModelConformance.outputs(values, model)).allMatch(check -> check.outcome() == Outcome.PASSED);
        }
        assertThat(unnoticed).isEmpty();
    }

    @Test
    void noticesAWeightThatIsNoNumber() throws IOException {
        copy("gpt2-lm");
        try (Model model = AutoModel.load(folder)) {
            change(model.network().tensors().get("body.finalNorm.bias"), 1, Double.NaN);
            model.save(folder);
        }

        assertThat(Conformance.run(folder).of(Outcome.FAILED))
                .anySatisfy(check -> assertThat(check.describe()).contains("default: logits: max error Infinity"));
    }

    @Test
    void noticesAMissingOutput() throws IOException {
        copy("gpt2-lm");
        edit("golden.json", golden -> ((ObjectNode) golden.at("/cases/0/kwargs")).put("output_attentions", false));

        assertThat(failures()).hasSize(2).allSatisfy(failure ->
                assertThat(failure).contains("default: attentions.").contains("missing, the model returns [logits"));
    }

    @Test
    void noticesAShapeOtherThanAnnounced() throws IOException {
        copy("gpt2-lm");
        edit("golden.json", golden -> ((ObjectNode) golden.at("/cases/0/outputs")).putArray("logits").add(2).add(11));

        assertThat(failures()).hasSize(1).first().asString().startsWith("default: logits");
    }

    @Test
    void noticesGradientsThatAreOff() throws IOException {
        copy("gpt2-lm");
        edit("golden.json", golden -> {
            ObjectNode parameters = (ObjectNode) golden.at("/gradients/parameters");
            parameters.remove("transformer.ln_f.bias");
            parameters.putObject("transformer.h.7.ln_1.bias").put("norm", 1).put("sum", 1);
            ObjectNode scale = (ObjectNode) parameters.get("transformer.ln_f.weight");
            scale.put("norm", scale.get("norm").asDouble() * 1.01);
            ObjectNode bias = (ObjectNode) parameters.get("transformer.h.0.ln_1.bias");
            bias.put("sum", -bias.get("sum").asDouble());
        });

        assertThat(failures()).hasSize(4)
                .anySatisfy(failure -> assertThat(failure).contains("ln_f.bias: there is one, expected none"))
                .anySatisfy(failure -> assertThat(failure).contains("h.7.ln_1.bias: missing"))
                .anySatisfy(failure -> assertThat(failure).startsWith("gradient transformer.ln_f.weight: norm"))
                .anySatisfy(failure -> assertThat(failure).startsWith("gradient transformer.h.0.ln_1.bias: norm"));
    }

    /** The norm of this gradient is 1.2; its 2,048 elements cancel: their sum is 2e-7. */
    @ParameterizedTest
    @CsvSource({"1.3e-5, 0", "-1.3e-5, 0", "3e-5, 1", "-3e-5, 1", "1e-3, 1"})
    void asksOfASumNoMoreThanRoundingLeaves(double off, int failing) throws IOException {
        copy("gpt2-lm");
        String name = "transformer.h.1.mlp.c_proj.weight";
        edit("golden.json", golden -> {
            ObjectNode gradient = (ObjectNode) golden.at("/gradients/parameters").get(name);
            gradient.put("sum", gradient.get("sum").asDouble() + off);
        });

        assertThat(failures()).hasSize(failing).allSatisfy(failure ->
                assertThat(failure).startsWith("gradient " + name + ": norm 1.2"));
    }

    @Test
    void noticesALossThatIsOff() throws IOException {
        copy("bert-masked-lm");
        edit("golden.json", golden -> ((ObjectNode) golden.at("/gradients")).put("loss", 8.4));

        assertThat(failures()).hasSize(1).first().asString().startsWith("gradients: loss: got 8.47");
    }

    @Test
    void noticesOtherTokensAndOtherScores() throws IOException {
        copy("gpt2-lm");
        edit("golden.json", golden -> {
            ((ArrayNode) golden.at("/generation/0/sequences/1")).set(16, 70);
            ((ArrayNode) golden.at("/generation/1/sequences/0")).remove(16);
            ((ArrayNode) golden.at("/generation/2/sequences_scores")).set(1, -1.5);
            ((ArrayNode) golden.at("/generation/3/sequences")).remove(0);
        });

        assertThat(failures()).hasSize(4)
                .anySatisfy(failure -> assertThat(failure).startsWith("generation greedy: got [["))
                .anySatisfy(failure -> assertThat(failure).startsWith("generation greedy_eos: got [["))
                .anySatisfy(failure -> assertThat(failure).startsWith("generation beam: score of row 1: got "))
                .anySatisfy(failure -> assertThat(failure).startsWith("generation beam_eos_early: got [["));
    }

    @Test
    void namesASettingOfGenerationThatThereIsNot() throws IOException {
        copy("gpt2-lm");
        edit("golden.json", golden -> ((ObjectNode) golden.at("/generation/0/kwargs")).put("threshold", 0.5));

        assertThat(Conformance.run(folder).summary())
                .startsWith("unsupported: generation greedy: setting threshold; passed ");
    }

    @Test
    void noticesThatThereIsNothingToCompare() throws IOException {
        copy("bert-base");
        edit("golden.json", golden -> golden.putArray("cases"));

        assertThat(failures()).containsExactly("cases: there are none");
    }

    @Test
    void noticesARuleItDoesNotKnow() throws IOException {
        copy("bert-base");
        edit("golden.json", golden -> ((ObjectNode) golden.at("/cases/0")).put("compare_where", "labels"));

        assertThat(failures()).hasSize(1).first().asString().contains("compare_where: got labels");
    }

    @Test
    void noticesWeightsWithoutAParameter() throws IOException {
        copy("gpt2-lm");
        edit("config.json", config -> config.put("n_layer", 1));

        assertThat(failures()).hasSize(1).first().asString().startsWith("load: CheckpointException");
    }

    @ParameterizedTest
    @CsvSource({
        "/cases/0, kind, unheard, kind unheard",
        "/cases/0/kwargs, interpolate, everything, argument interpolate",
        "/cases/0/inputs, bbox, [], input bbox",
    })
    void doesNotCallAFailureWhatTheProjectDoesNotHave(String at, String key, String value, String reason)
            throws IOException {
        copy("bert-base");
        edit("golden.json", golden -> ((ObjectNode) golden.at(at)).put(key, value));

        ConformanceResult result = Conformance.run(folder);

        assertThat(result.outcome()).isEqualTo(Outcome.UNSUPPORTED);
        assertThat(result.summary()).startsWith("unsupported: default: " + reason).contains("; passed ");
    }

    @ParameterizedTest
    @CsvSource({"model_type, mamba, model_type mamba", "architectures, Odd, architecture Odd"})
    void saysWhichModelsItDoesNotHave(String key, String value, String reason) throws IOException {
        copy("bert-base");
        edit("config.json", config -> {
            if (key.equals("architectures")) {
                ((ArrayNode) config.get(key)).removeAll().add(value);
            } else {
                config.put(key, value);
            }
        });

        assertThat(Conformance.run(folder).summary()).isEqualTo("unsupported: load: " + reason);
    }

    @Test
    void refusesAFolderWithoutGoldenFiles() {
        assertThatThrownBy(() -> Conformance.run(folder)).isInstanceOf(JformersException.class)
                .hasMessageContaining("neither golden.jsonl nor golden.json");
        assertThatThrownBy(() -> Conformance.folders(folder)).isInstanceOf(JformersException.class)
                .hasMessageContaining("or a folder in it");
        assertThatThrownBy(() -> Conformance.folders(folder.resolve("none"))).isInstanceOf(JformersException.class)
                .hasMessageContaining("no such folder");
    }

    @Test
    void findsGoldenFolders() {
        Path models = Fixtures.folder("models");
        assertThat(Conformance.folders(models)).contains(models.resolve("gpt2-lm"), models.resolve("vaswani"));
        assertThat(Conformance.folders(models.resolve("vaswani"))).containsExactly(models.resolve("vaswani"));
    }

    private List<String> failures() {
        return Conformance.run(folder).of(Outcome.FAILED).stream().map(Check::describe).toList();
    }

    private void copy(String name) throws IOException {
        try (Stream<Path> files = Files.list(Fixtures.folder("models/" + name))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
    }

    private void edit(String file, Consumer<ObjectNode> change) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(Files.readString(folder.resolve(file)));
        change.accept(json);
        Files.writeString(folder.resolve(file), json.toString());
    }

    private static void change(Tensor tensor, double factor, double added) {
        Scopes.run(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                tensor.mul_(new Scalar(factor)).add_(new Scalar(added));
            }
        });
    }
}
