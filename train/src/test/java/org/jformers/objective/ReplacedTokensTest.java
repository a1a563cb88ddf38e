package org.jformers.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Check;
import org.jformers.testkit.GoldenModel.Gradient;
import org.jformers.testkit.GoldenParameters;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;

/** Both losses and all gradients are those of the reference's own heads. */
final class ReplacedTokensTest {
    private static final double WEIGHT = 50;

    private static Path folder() {
        try {
            return Path.of(ReplacedTokensTest.class.getResource("/replaced").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode golden() throws IOException {
        return new JsonMapper().readTree(folder().resolve("golden.json").toFile());
    }

    private static long[] longs(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .flatMapToLong(row -> row.isArray() ? Arrays.stream(longs(row)) : Arrays.stream(new long[] {
                    row.longValue()})).toArray();
    }

    private static Batch batch(JsonNode golden) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        for (String name : new String[] {"input_ids", "attention_mask", "labels"}) {
            JsonNode rows = golden.get(name);
            fields.put(name, new Batch.Longs(longs(rows), rows.size(), rows.get(0).size()));
        }
        long labels = Arrays.stream(longs(golden.get("labels"))).filter(l -> l != Batch.IGNORED_LABEL).count();
        return new Batch(fields, golden.get("labels").size(), labels, 1);
    }

    private static Map<String, Gradient> sums(JsonNode golden, String key) {
        Map<String, Gradient> sums = new LinkedHashMap<>();
        golden.get(key).properties().forEach(entry -> sums.put(entry.getKey(), new Gradient(
                entry.getValue().get("norm").doubleValue(), entry.getValue().get("sum").doubleValue())));
        return sums;
    }

    private static Map<String, Tensor> gradients(Model model) {
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        model.network().parameters().forEach((name, parameter) -> {
            if (parameter.trained()) {
                gradients.put(name, parameter.tensor().grad());
            }
        });
        return gradients;
    }

    @Test
    void trainsAsTheReferenceDoes() throws IOException {
        JsonNode golden = golden();
        Batch batch = batch(golden);
        try (Model discriminator = AutoModel.load(folder());
                SingleStackModel generator = (SingleStackModel) AutoModel.load(folder().resolve("generator"))) {
            Map<String, Parameter> tables = discriminator.network().parameters();
            generator.network().parameters().forEach((name, parameter) -> {
                if (name.matches("body\\.input\\.(tokens|positions|segments|norm)\\..*")) {
                    parameter.become(tables.get(name));
                }
            });
            generator.network().train(true);
            discriminator.network().train(true);
            long[] sampled = longs(golden.get("sampled"));
            ReplacedTokens objective = new ReplacedTokens(
                    generator, discriminator, WEIGHT, scores -> Tensors.ofLongs(sampled, sampled.length));
            Scopes.run(() -> {
                Loss loss = objective.loss(batch);
                Tensor filled = loss.main().div(new Scalar(objective.count(batch, Loss.MAIN)));
                Tensor found = loss.terms().get(1).sum()
                        .div(new Scalar(objective.count(batch, ReplacedTokens.REPLACED)));
                assertThat(filled.item_double()).isCloseTo(golden.get("generator_loss").doubleValue(), within(1e-5));
                assertThat(found.item_double()).isCloseTo(golden.get("replaced_loss").doubleValue(), within(1e-5));
                filled.add(found.mul(new Scalar(loss.terms().get(1).weight()))).backward();
                for (String kind : new String[] {"discriminator", "generator"}) {
                    Model model = kind.equals("generator") ? generator : discriminator;
                    assertThat(GoldenParameters.compare(
                            kind, model, gradients(model), sums(golden, kind), new Tolerance(1e-5, 1e-4)))
                            .isNotEmpty().allMatch(check -> check.outcome() == Check.Outcome.PASSED);
                }
            });
        }
    }

    /** Tokens come as often as their scores say. */
    @Test
    void drawsTokensByTheirScores() {
        double[] shares = {0.5, 0.3, 0.15, 0.05};
        int draws = 20_000;
        Scopes.run(() -> {
            float[] scores = new float[draws * shares.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) Math.log(shares[i % shares.length]);
            }
            long[] drawn;
            try (Seeds.Own own = Seeds.own(5)) {
                drawn = Tensors.toLongs(ReplacedTokens.Sampler.LIKELY.sample(
                        Tensors.ofFloats(scores, draws, shares.length)));
            }
            double chiSquared = 0;
            for (int token = 0; token < shares.length; token++) {
                int of = token;
                double expected = shares[token] * draws;
                chiSquared += Math.pow(Arrays.stream(drawn).filter(id -> id == of).count() - expected, 2) / expected;
            }
            assertThat(chiSquared).isLessThan(16.27); // one sample of 1,000 is above it, at three degrees of freedom
        });
    }

    @Test
    void refusesOtherModels() {
        try (SingleStackModel generator = (SingleStackModel) AutoModel.load(folder().resolve("generator"))) {
            assertThatThrownBy(() ->
                    new ReplacedTokens(generator, generator, WEIGHT, ReplacedTokens.Sampler.LIKELY))
                    .isInstanceOf(ConfigException.class).hasMessageStartingWith(
                            "replaced tokens: got ElectraForMaskedLM and ElectraForMaskedLM, allowed");
        }
    }
}
