package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;

/**
 * The same model on the host and on meta, where a tensor of the host among the model's own is an error of the engine:
 * what runs there takes everything to its device. The shapes of both must be the same.
 */
final class OnMeta implements AutoCloseable {
    /** What stands for numbers that are read back, since they decide about shapes. */
    static final String VALUES = "values";

    /** One with which no tiny model leaves all of its layers out in training. */
    private static final long SEED = 1;

    private static final Pattern UNKNOWN = Pattern.compile("aten::\\w+");

    private final Model host;
    private final Model meta;
    private final Set<String> unknown = new TreeSet<>();

    /** @param make makes the model, anew each time */
    OnMeta(Supplier<Model> make) {
        host = make.get();
        meta = Device.META.making(make);
        assertThat(meta.device()).isEqualTo(Device.META);
        meta.network().tensors().forEach((name, tensor) ->
                assertThat(Device.of(tensor)).as(name).isEqualTo(Device.META));
    }

    Model host() {
        return host;
    }

    /**
     * Operators that were asked for and of whose shapes the engine knows nothing, and {@link #VALUES} where shapes
     * follow from values.
     */
    Set<String> unknown() {
        return unknown;
    }

    /** Passes as in use and as in training, with dropout. */
    void forwards(ModelInputs inputs) {
        assertThat(runs("forward", model -> ModelFamilyContract.forward(model, inputs).tensors())).isTrue();
        runs("forward in training", model -> training(model, () -> {
            Map<String, Tensor> given = new LinkedHashMap<>(model.forward(inputs).tensors());
            // Layers are left out at random, and other ones on meta, where dropout draws nothing.
            given.keySet().removeIf(name -> name.matches(".*\\.\\d+"));
            return given;
        }));
    }

    /** The loss that training uses, of models that have one. */
    void loses(ModelInputs inputs) {
        runs("loss", model -> training(model, () -> {
            Map<String, Tensor> terms = new LinkedHashMap<>();
            model.loss(inputs).terms().forEach(term -> terms.put(term.name(), term.sum()));
            return terms;
        }));
    }

    private static Map<String, Tensor> training(Model model, Supplier<Map<String, Tensor>> run) {
        Seeds.seed(SEED);
        model.network().train(true);
        try {
            return run.get();
        } finally {
            model.network().train(false);
        }
    }

    /** Two passes with a cache. */
    void continues(ModelInputs first, ModelInputs second) {
        runs("cache", model -> {
            try (NoGrad noGrad = new NoGrad(); KeyValueCache cache = model.newCache()) {
                model.forward(first.withCache(cache));
                return model.forward(second.withCache(cache)).tensors();
            }
        });
    }

    /** Two tokens behind a prompt, rows in another order between them. */
    void decodes(ModelInputs prompt, Tensor ids_BT, Tensor next_B1, Tensor rows_B) {
        runs("decoding", model -> {
            try (NoGrad noGrad = new NoGrad(); DecodingRows decoding = new DecodingRows(model, prompt)) {
                Map<String, Tensor> scores = new LinkedHashMap<>();
                scores.put("first", decoding.next(ids_BT));
                decoding.reorder(rows_B);
                scores.put("second", decoding.next(next_B1));
                return scores;
            }
        });
    }

    /** What a model gives, by name. */
    private interface Run {
        Map<String, Tensor> of(Model model);
    }

    /** Whether it was run; not if the model on the host refuses it. */
    private boolean runs(String what, Run run) {
        return Scopes.get(() -> {
            Map<String, Tensor> expected;
            try {
                expected = run.of(host);
            } catch (JformersException e) {
                return false;
            }
            try {
                compare(what, run.of(meta), expected);
            } catch (RuntimeException e) {
                noteUnknown(what, e);
            }
            return true;
        });
    }

    private static void compare(String what, Map<String, Tensor> got, Map<String, Tensor> expected) {
        assertThat(got.keySet()).as(what).isEqualTo(expected.keySet());
        got.forEach((name, tensor) -> {
            assertThat(Arrays.toString(tensor.shape())).as(what + " " + name)
                    .isEqualTo(Arrays.toString(Objects.requireNonNull(expected.get(name)).shape()));
            assertThat(Device.of(tensor)).as(what + " " + name).isEqualTo(Device.META);
        });
    }

    private void noteUnknown(String what, RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        if (message.startsWith("device: got a tensor on meta")) {
            unknown.add(VALUES);
            return;
        }
        Matcher operator = UNKNOWN.matcher(message);
        if (!message.contains("no fake impl or Meta kernel") || !operator.find()) {
            throw new AssertionError(what + ": " + message.lines().limit(2).toList(), e);
        }
        unknown.add(operator.group());
    }

    @Override
    public void close() {
        host.close();
        meta.close();
    }
}
