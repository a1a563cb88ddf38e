package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.tensor.NoGrad;
import org.jformers.testkit.Check;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Twenty steps of each kind of training give PyTorch's losses, gradients and weights. */
final class GoldenLossTest {

    static Stream<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(folder("."))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    private static Path folder(String name) {
        try {
            return Path.of(GoldenLossTest.class.getResource("/losses").toURI()).resolve(name);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void trainsAsPyTorchDoes(String name) {
        List<Check> checks = new GoldenRun(folder(name)).run(model -> {});
        assertThat(checks).hasSizeGreaterThan(40 + 2 * 10).allMatch(check -> check.outcome() == Check.Outcome.PASSED);
    }

    /** One weight among thousands, in bodies, heads and routers. */
    @ParameterizedTest
    @CsvSource({
        "bert-classes, body.blocks.1.attention.out.weight",
        "roberta-several, head.classifier.weight",
        "distilbert-answers, head.span.weight",
        "bert-choices, head.summary.dense.weight",
        "roberta-relevance, head.classifier.weight",
        "gpt2-words, body.input.tokens.weight",
        "llama-prefixes, body.blocks.1.attention.out.weight",
        "gpt2-auxiliary, body.input.tokens.weight",
        "mixtral-words, body.blocks.0.feedForward.router.weight",
        "switch-sequences, body.encoder.blocks.1.feedForward.router.weight",
        "bert-next-sentences, head.summary.dense.weight",
        "albert-sentence-order, head.languageModel.dense.weight",
        "bert-pairs, body.blocks.1.attention.out.weight",
        "swin-images, head.classifier.weight",
        "vit-mae-patches, encoder.input.positions",
        "vit-patches, body.input.maskToken",
        "swin-patches, head.decoder.weight",
        "clip-captions, text.head.projection.weight",
        "wav2vec2-speech, head.scores.weight"
    })
    void noticesAWeightThatIsALittleOff(String name, String parameter) {
        List<Check> checks = new GoldenRun(folder(name)).run(model -> change(model, parameter));
        assertThat(checks).filteredOn(check -> check.outcome() == Check.Outcome.FAILED).extracting(Check::name)
                .contains("loss of step 0", "loss of step 19");
    }

    private static void change(Model model, String parameter) {
        Tensor tensor = model.network().tensors().get(parameter);
        assertThat(tensor).as("allowed: %s", model.network().tensors().keySet()).isNotNull();
        try (NoGrad noGrad = new NoGrad()) {
            tensor.flatten().narrow(0, 4, 1).add_(new Scalar(0.02));
        }
    }

    /** Smoothing is the objective's: without it, it is another loss. */
    @Test
    void noticesLabelsThatAreNotSmoothed() {
        GoldenRun run = new GoldenRun(folder("marian-smoothed"));
        run.recipe().put("label_smoothing", 0);
        assertThat(run.run(model -> {})).filteredOn(check -> check.outcome() == Check.Outcome.FAILED)
                .extracting(Check::name).contains("loss of step 0");
    }

    /** The recipe's parts each show, so that none can be left out on both sides. */
    @ParameterizedTest
    @CsvSource({
        "weight_decay, 0, moved", "clip, 0, gradient", "warmup, 3, loss", "beta2, 0.99, loss", "rate, 4.1e-3, loss"
    })
    void noticesAnotherRecipe(String key, double value, String kind) {
        GoldenRun run = new GoldenRun(folder("bert-tags"));
        run.recipe().put(key, value);
        assertThat(run.run(model -> {})).filteredOn(check -> check.outcome() == Check.Outcome.FAILED)
                .extracting(Check::name).anyMatch(name -> name.startsWith(kind + " "));
    }
}
