package org.jformers.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.BatchStream;
import org.jformers.data.BatchedExamples;
import org.jformers.data.PackedBlocks;
import org.jformers.data.PairBatching;
import org.jformers.data.SequencePair;
import org.jformers.data.SequencePairs;
import org.jformers.data.TokenSequences;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.surgery.Lora;
import org.jformers.objective.NextToken;
import org.jformers.objective.SequenceToSequence;
import org.jformers.optim.Adam;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/** A training run small enough to be repeated in a test: a model with dropout, its data, and what comes out. */
final class TinyRun implements AutoCloseable {
    static final int STEPS = 60;

    /** Seed of the order of the batches. */
    static final long SEED = 3;

    private static final int VOCABULARY = 13;

    /** What is trained. */
    enum Kind {
        ENCODER_DECODER,
        DECODER,
        /** An encoder-decoder whose encoder stays as it is. */
        FROZEN_ENCODER,
        /** A decoder with LoRA, dropout on its input included. */
        ADAPTED_DECODER;

        private boolean isPair() {
            return this == ENCODER_DECODER || this == FROZEN_ENCODER;
        }
    }

    private final BatchedExamples examples;
    private final Model model;
    private final TrainingLoop.Parts parts;
    private TrainingProgress progress = TrainingProgress.START;

    /** Mean losses of the steps taken so far. */
    final List<Double> losses = new ArrayList<>();

    TinyRun(Kind kind) {
        this(kind, 0.2);
    }

    TinyRun(Kind kind, double dropout) {
        this(kind, dropout, new Schedule.Linear(0.01, 5, STEPS));
    }

    TinyRun(Kind kind, double dropout, Schedule schedule) {
        this(kind, dropout, schedule, groups -> new Adam(
                new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.98, 1e-9, 0.01), groups));
    }

    /** With another optimizer. */
    TinyRun(Kind kind, double dropout, Schedule schedule, Function<List<ParameterGroup>, Optimizer> optimizer) {
        boolean pair = kind.isPair();
        examples = pair ? pairs() : blocks();
        model = AutoModel.create(
                AutoConfig.parse(json(pair ? encoderDecoder(dropout) : decoder(dropout)), "test"),
                pair ? Task.SEQ2SEQ_LM : Task.CAUSAL_LM, 7);
        Seeds.seed(7);
        if (kind == Kind.ADAPTED_DECODER) {
            Lora.attach(model, new Lora.Spec(2, 8, dropout, List.of("attn.c_attn", "mlp.c_proj"), false));
        }
        if (kind == Kind.FROZEN_ENCODER) {
            model.network().parameters().forEach(
                    (name, parameter) -> parameter.freeze(name.startsWith("body.encoder.")));
        }
        parts = new TrainingLoop.Parts(
                new TrainedModel(model), pair ? new SequenceToSequence(model) : new NextToken(model),
                optimizer.apply(ParameterGroup.byDecay(model.network().parameters(), 0.01)), schedule);
    }

    private static String encoderDecoder(double dropout) {
        return """
                {"model_type": "vaswani", "vocab_size": %d, "d_model": 8, "nhead": 2, "num_encoder_layers": 1,
                 "num_decoder_layers": 1, "dim_feedforward": 16, "activation": "relu", "norm_first": true,
                 "final_norm": true, "dropout": %s, "label_smoothing": 0.1, "max_positions": 16, "pad_id": 0,
                 "bos_id": 1, "eos_id": 2}""".formatted(VOCABULARY, dropout);
    }

    private static String decoder(double dropout) {
        return """
                {"model_type": "gpt2", "vocab_size": %d, "n_positions": 16, "n_embd": 8, "n_layer": 2, "n_head": 2,
                 "resid_pdrop": %s, "embd_pdrop": %s, "attn_pdrop": %s}"""
                .formatted(VOCABULARY, dropout, dropout, dropout);
    }

    private static JsonNode json(String text) {
        try {
            return new JsonMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Sequences of unequal length and their reversals. */
    private static BatchedExamples pairs() {
        List<SequencePair> pairs = texts().stream().map(source -> {
            int[] target = new int[source.length + 1];
            for (int i = 0; i < source.length; i++) {
                target[i] = source[source.length - 1 - i];
            }
            target[source.length] = 2;
            return new SequencePair(source, target);
        }).toList();
        return SequencePairs.of(pairs, 0, 1, new PairBatching(64, 64, 12, 12, 20));
    }

    private static BatchedExamples blocks() {
        return new PackedBlocks(TokenSequences.of(texts(), ids -> ids), 2, 8, 3);
    }

    private static List<int[]> texts() {
        Random random = new Random(5);
        return IntStream.range(0, 60)
                .mapToObj(i -> random.ints(2 + random.nextInt(8), 3, VOCABULARY).toArray())
                .toList();
    }

    Model model() {
        return model;
    }

    TrainingLoop.Parts parts() {
        return parts;
    }

    TrainingProgress progress() {
        return progress;
    }

    BatchedExamples examples() {
        return examples;
    }

    /** As many batches to a step. */
    static TrainingSettings settings(int steps, Precision precision, int accumulation) {
        return new TrainingSettings(steps, Duration.ZERO, accumulation, 1, precision);
    }

    /** Takes over a checkpoint. */
    void restore(Path checkpoint) {
        progress = TrainingCheckpoint.restore(checkpoint, parts, List.of());
    }

    static TrainingSettings settings(int steps, Precision precision) {
        return new TrainingSettings(steps, Duration.ZERO, 1, 1, precision);
    }

    /** Trains on to the step that the settings name. */
    TinyRun train(TrainingSettings settings, TrainingListener... listeners) {
        return train(System::nanoTime, settings, listeners);
    }

    /** The same by a clock in nanoseconds. */
    TinyRun train(LongSupplier nanos, TrainingSettings settings, TrainingListener... listeners) {
        BatchStream stream = new BatchStream(examples, SEED);
        stream.skipTo(progress.batches());
        List<TrainingListener> all = new ArrayList<>(Arrays.asList(listeners));
        all.add(0, new TrainingListener() {
            @Override
            public void afterStep(TrainingLoop loop, StepReport report) {
                losses.add(report.loss());
            }
        });
        TrainingLoop loop = new TrainingLoop(parts, stream, settings, all, progress, nanos);
        loop.run();
        progress = loop.progress();
        return this;
    }

    /** Every bit of the parameters and of the optimizer. */
    Map<String, List<Integer>> bits() {
        Map<String, List<Integer>> bits = new LinkedHashMap<>();
        model.network().tensors().forEach((name, tensor) -> bits.put(name, bits(tensor)));
        parts.optimizer().state().forEach((name, tensor) -> bits.put("optimizer." + name, bits(tensor)));
        return bits;
    }

    private static List<Integer> bits(Tensor tensor) {
        float[] values = Tensors.toFloats(tensor);
        return IntStream.range(0, values.length).mapToObj(i -> Float.floatToRawIntBits(values[i])).toList();
    }

    @Override
    public void close() {
        parts.optimizer().close();
        model.close();
    }
}
