package org.jformers.settings;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Settings with every kind of part that a tree may have. */
record Sample(
        @Setting("what it is called") String name,
        long seed,
        boolean verbose,
        Optimizer optimizer,
        Schedule schedule,
        List<Layer> layers,
        List<String> languages,
        Precision precision,
        Path folder,
        Duration pause,
        Optional<Integer> limit,
        Optional<Clipping> clipping,
        @Nullable Double smoothing,
        ObjectNode config,
        Map<String, Double> weights) {

    record Optimizer(
            @Setting("step size, > 0") double learningRate,
            @Setting("of the first moment, in [0, 1)") double beta1,
            int warmupSteps) {
        Optimizer {
            if (learningRate <= 0) {
                throw new IllegalArgumentException("learning_rate must be > 0, got " + learningRate);
            }
        }

        /** No setting, though it looks like one. */
        public boolean isFast() {
            return learningRate > 1;
        }

        public String getText() {
            return "fast: " + isFast();
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Constant.class, name = "constant"),
        @JsonSubTypes.Type(value = Cosine.class, name = "cosine")
    })
    sealed interface Schedule {}

    record Constant() implements Schedule {}

    record Cosine(@Setting("where it ends, in steps") int steps) implements Schedule {}

    record Layer(int width, String kind) {}

    record Clipping(double norm) {}

    enum Precision {
        FLOAT32,
        BFLOAT16
    }

    static Sample example() {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.put("n_layer", 6).put("dropout", 0.1).put("activation", "relu").put("tied", true);
        return new Sample(
                "demo", 42, false, new Optimizer(3e-4, 0.9, 100), new Cosine(1000),
                List.of(new Layer(8, "plain"), new Layer(16, "gated")), List.of("en", "de"), Precision.FLOAT32,
                Path.of("runs/demo"), Duration.ofSeconds(90), Optional.empty(), Optional.empty(), null, config,
                Map.of("loss", 1.0));
    }
}
