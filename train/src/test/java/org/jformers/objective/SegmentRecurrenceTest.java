package org.jformers.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.data.PackedBlocks;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.Parameter;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.testkit.Check;
import org.jformers.testkit.GoldenModel.Gradient;
import org.jformers.testkit.GoldenParameters;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segment after segment, losses and gradients are those of the reference's own models with their memory. */
final class SegmentRecurrenceTest {
    private static Path folder(String family) {
        try {
            return Path.of(SegmentRecurrenceTest.class.getResource("/segments/" + family).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode golden(String family) throws IOException {
        return new JsonMapper().readTree(folder(family).resolve("golden.json").toFile());
    }

    private static void values(JsonNode node, List<Double> into) {
        if (node.isArray()) {
            node.forEach(inner -> values(inner, into));
        } else {
            into.add(node.doubleValue());
        }
    }

    private static Batch.Field field(JsonNode node) {
        List<Long> shape = new ArrayList<>();
        for (JsonNode inner = node; inner.isArray(); inner = inner.get(0)) {
            shape.add((long) inner.size());
        }
        List<Double> values = new ArrayList<>();
        values(node, values);
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        if (sizes.length == 3) {
            float[] numbers = new float[values.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = values.get(i).floatValue();
            }
            return new Batch.Floats(numbers, sizes);
        }
        return new Batch.Longs(values.stream().mapToLong(Double::longValue).toArray(), sizes);
    }

    private static Batch batch(JsonNode segment, int number) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        segment.get("fields").properties().forEach(entry -> fields.put(entry.getKey(), field(entry.getValue())));
        int rows = segment.get("fields").get("labels").size();
        long[] numbers = new long[rows];
        Arrays.fill(numbers, number);
        fields.put(PackedBlocks.SEGMENT, new Batch.Longs(numbers, rows));
        long labels = Arrays.stream(((Batch.Longs) fields.get("labels")).values())
                .filter(label -> label != Batch.IGNORED_LABEL).count();
        return new Batch(fields, rows, labels, number + 1L);
    }

    private static Map<String, Gradient> sums(JsonNode gradients) {
        Map<String, Gradient> sums = new LinkedHashMap<>();
        gradients.properties().forEach(entry -> sums.put(entry.getKey(), new Gradient(
                entry.getValue().get("norm").doubleValue(), entry.getValue().get("sum").doubleValue())));
        return sums;
    }

    private static Map<String, Tensor> gradients(Model model) {
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        model.network().parameters().forEach((name, parameter) -> {
            Tensor gradient = parameter.tensor().grad();
            if (parameter.trained() && gradient.defined()) {
                gradients.put(name, gradient);
            }
        });
        return gradients;
    }

    private static double mean(Loss loss, Batch batch) {
        return loss.main().item_double() / batch.labels();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xlnet", "transfo-xl"})
    void readsOnAsTheReferenceDoes(String family) throws IOException {
        JsonNode golden = golden(family);
        try (Model model = AutoModel.load(folder(family));
                StreamMemory memory = new StreamMemory(model, golden.get("memory").intValue())) {
            model.network().train(true);
            SegmentRecurrence objective = new SegmentRecurrence(model, memory);
            for (int number = 0; number < golden.get("segments").size(); number++) {
                JsonNode segment = golden.get("segments").get(number);
                Batch batch = batch(segment, number);
                Scopes.run(() -> {
                    for (Parameter parameter : model.network().parameters().values()) {
                        parameter.tensor().mutable_grad().reset();
                    }
                    Tensor loss = objective.loss(batch).main().div(new Scalar((double) batch.labels()));
                    assertThat(loss.item_double()).isCloseTo(segment.get("loss").doubleValue(), within(1e-5));
                    loss.backward();
                    assertThat(GoldenParameters.compare("gradient", model, gradients(model),
                            sums(segment.get("gradients")), new Tolerance(1e-5, 1e-4)))
                            .isNotEmpty().allMatch(check -> check.outcome() == Check.Outcome.PASSED);
                });
            }
        }
    }

    /** A stream that begins forgets; what it was told before is of no account. Nothing is left behind. */
    @ParameterizedTest
    @ValueSource(strings = {"xlnet", "transfo-xl"})
    void forgetsWhereStreamsBegin(String family) throws IOException {
        JsonNode segments = golden(family).get("segments");
        try (Model model = AutoModel.load(folder(family)); StreamMemory memory = new StreamMemory(model, 9);
                NoGrad noGrad = new NoGrad()) {
            SegmentRecurrence objective = new SegmentRecurrence(model, memory);
            Batch first = batch(segments.get(0), 0);
            Batch second = batch(segments.get(1), 1);
            double alone = Scopes.get(() -> mean(objective.loss(first), first));
            double behind = Scopes.get(() -> mean(objective.loss(second), second));
            long handles = Pointer.totalCount();
            for (int i = 0; i < 5; i++) {
                assertThat(Scopes.<Double>get(() -> mean(objective.loss(first), first))).isEqualTo(alone);
                assertThat(Scopes.<Double>get(() -> mean(objective.loss(second), second))).isEqualTo(behind);
            }
            assertThat(Pointer.totalCount()).isEqualTo(handles);
            Batch begun = batch(segments.get(1), 0);
            assertThat(Scopes.<Double>get(() -> mean(objective.loss(begun), begun))).isNotEqualTo(behind);
            Map<String, Tensor> kept = memory.tensors();
            try (StreamMemory other = new StreamMemory(model, 9)) {
                other.restore(kept);
                Batch third = batch(segments.get(2), 2);
                assertThat(Scopes.<Double>get(() -> mean(new SegmentRecurrence(model, other).loss(third), third)))
                        .isEqualTo(Scopes.<Double>get(() -> mean(objective.loss(third), third)));
            }
        }
    }

    @Test
    void refusesWhatHasNoMemory() {
        try (Model model = AutoModel.load(folder("xlnet"))) {
            assertThatThrownBy(() -> new StreamMemory(model, 0)).isInstanceOf(ConfigException.class)
                    .hasMessage("memory: got 0 tokens, allowed >= 1");
        }
    }
}
