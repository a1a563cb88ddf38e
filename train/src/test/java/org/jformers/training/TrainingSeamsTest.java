package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.Parameter;
import org.jformers.objective.Classification;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.objective.SequenceToSequence;
import org.jformers.optim.Adam;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run is made of besides its loop: losses of several terms, frozen parameters, groups, random numbers. */
final class TrainingSeamsTest {
    private static final String BERT = """
            {"model_type": "bert", "vocab_size": 17, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "max_position_embeddings": 12, "num_labels": 3,
             "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
             "id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}""";
    private static final String MIXTRAL = """
            {"model_type": "mixtral", "vocab_size": 17, "hidden_size": 8, "intermediate_size": 16,
             "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 4, "num_experts_per_tok": 2,
             "max_position_embeddings": 16, "router_aux_loss_coef": %s}""";
    private static final String SWITCH = """
            {"model_type": "switch_transformers", "vocab_size": 17, "d_model": 8, "d_kv": 4, "d_ff": 16,
             "num_layers": 2, "num_decoder_layers": 2, "num_heads": 2, "num_experts": 4, "expert_capacity": 8,
             "num_sparse_encoder_layers": 1, "num_sparse_decoder_layers": 1, "decoder_start_token_id": 0,
             "pad_token_id": 0, "dropout_rate": 0.0, "router_aux_loss_coef": 0.01, "router_z_loss_coef": 0.001}""";

    private static Model model(String config, Task task) {
        try {
            return AutoModel.create(AutoConfig.parse(new JsonMapper().readTree(config), "test"), task, 3);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Batch batch(String... names) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        for (String name : names) {
            long[] values = name.equals("attention_mask")
                    ? new long[] {1, 1, 1, 1, 1, 1, 1, 1}
                    : new long[] {5, 3, 7, 2, 4, 9, 11, 6};
            fields.put(name, new Batch.Longs(values, 2, 4));
        }
        return new Batch(fields, 2, 8, 1);
    }

    private static List<StepReport> train(Model model, Objective objective, List<ParameterGroup> groups, int steps,
            Batch batch) {
        List<StepReport> reports = new ArrayList<>();
        try (Adam adam = new Adam(new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.98, 1e-9, 0.01), groups)) {
            TrainingListener listener = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    reports.add(report);
                }
            };
            new TrainingLoop(
                            new TrainingLoop.Parts(
                                    new TrainedModel(model), objective, adam, new Schedule.Constant(0.01)),
                            Stream.generate(() -> batch).iterator(),
                            new TrainingSettings(steps, Duration.ZERO, 1, 1, Precision.FLOAT32), List.of(listener),
                            TrainingProgress.START)
                    .run();
        }
        return reports;
    }

    private static List<ParameterGroup> all(Model model) {
        return ParameterGroup.byDecay(model.network().parameters(), 0.01);
    }

    @Test
    void mixturesTrainWithTheBalanceOfTheirExperts() {
        Batch batch = batch("input_ids", "labels");
        try (Model balanced = model(MIXTRAL.formatted("0.5"), Task.CAUSAL_LM);
                Model plain = model(MIXTRAL.formatted("0.0"), Task.CAUSAL_LM)) {
            StepReport with = train(balanced, new NextToken(balanced), all(balanced), 1, batch).get(0);
            StepReport without = train(plain, new NextToken(plain), all(plain), 1, batch).get(0);
            assertThat(with.terms()).containsOnlyKeys("loss", "router_balance");
            assertThat(without.terms()).containsOnlyKeys("loss");
            assertThat(with.terms().get("loss")).isEqualTo(without.terms().get("loss"));
            assertThat(with.loss()).isEqualTo(with.terms().get("loss") + with.terms().get("router_balance"));
            // X times the overlap of shares: at least the number of choices, times the coefficient.
            assertThat(with.terms().get("router_balance")).isGreaterThanOrEqualTo(0.5 * 2 * 0.99);
            String router = plain.network().parameters().keySet().stream()
                    .filter(name -> name.contains("router")).findFirst().orElseThrow();
            assertThat(Tensors.toFloats(balanced.network().tensors().get(router)))
                    .isNotEqualTo(Tensors.toFloats(plain.network().tensors().get(router)));
        }
    }

    @Test
    void switchTransformersTrainWithBothTermsOfBothStacks() {
        try (Model model = model(SWITCH, Task.SEQ2SEQ_LM)) {
            StepReport report = train(model, new SequenceToSequence(model), all(model), 1,
                    batch("input_ids", "attention_mask", "decoder_input_ids", "labels")).get(0);
            assertThat(report.terms().keySet()).contains("loss").anyMatch(name -> name.endsWith("_router_balance"))
                    .anyMatch(name -> name.endsWith("_router_size"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MASKED_LM", "CAUSAL_LM", "SEQUENCE_CLASSIFICATION"})
    void aNextTokenObjectiveRefusesAModelThatSeesBothSides(Task task) {
        try (Model bert = model(BERT, task)) {
            assertThatThrownBy(() -> new NextToken(bert)).isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("next-token objective: got an encoder (Bert");
            assertThatThrownBy(() -> new SequenceToSequence(bert)).isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("sequence-to-sequence objective: got Bert");
        }
    }

    private static Batch classified() {
        Map<String, Batch.Field> fields = new LinkedHashMap<>(batch("input_ids", "attention_mask").fields());
        fields.put("labels", new Batch.Longs(new long[] {2, 0}, 2));
        return new Batch(fields, 2, 2, 1);
    }

    @Test
    void frozenParametersStayAsTheyAreAndHaveNoState() {
        try (Model bert = model(BERT, Task.SEQUENCE_CLASSIFICATION)) {
            Map<String, float[]> before = new LinkedHashMap<>();
            bert.network().tensors().forEach((name, tensor) -> before.put(name, Tensors.toFloats(tensor)));
            bert.network().parameters().forEach((name, parameter) -> parameter.freeze(name.startsWith("body.")));
            assertThat(bert.network().trainedCount()).isLessThan(bert.network().parameterCount());
            List<StepReport> reports =
                    train(bert, new Classification(bert), all(bert), 5, classified());
            assertThat(reports.get(4).loss()).isLessThan(reports.get(0).loss());
            bert.network().parameters().forEach((name, parameter) -> {
                float[] now = Tensors.toFloats(parameter.tensor());
                boolean changed = !Arrays.equals(now, before.get(name));
                assertThat(changed).as(name).isEqualTo(!name.startsWith("body."));
            });
            assertThat(all(bert)).allSatisfy(group ->
                    assertThat(group.parameters().keySet()).noneMatch(name -> name.startsWith("body.")));
            bert.network().parameters().values().forEach(parameter -> parameter.freeze(false));
            assertThat(bert.network().trainedCount()).isEqualTo(bert.network().parameterCount());
        }
    }


    /** A group of rate zero stays, one of twice the rate moves twice as far in Adam's first step. */
    @Test
    void groupsHaveRatesOfTheirOwn() {
        Map<String, float[]> once = moved(name -> name.startsWith("head.") ? 1 : 0);
        Map<String, float[]> twice = moved(name -> name.startsWith("head.") ? 2 : 0);
        once.forEach((name, values) -> {
            float[] more = twice.get(name);
            for (int i = 0; i < values.length; i++) {
                assertThat(more[i]).as(name).isEqualTo(2 * values[i], Offset.offset(1e-5f));
            }
            boolean still = Arrays.equals(values, new float[values.length]);
            assertThat(still).as(name).isEqualTo(!name.startsWith("head."));
        });
    }


    private static Map<String, float[]> moved(ToDoubleFunction<String> factor) {
        Map<String, float[]> moves = new LinkedHashMap<>();
        try (Model bert = model(BERT, Task.SEQUENCE_CLASSIFICATION)) {
            Map<String, float[]> before = new LinkedHashMap<>();
            bert.network().tensors().forEach((name, tensor) -> before.put(name, Tensors.toFloats(tensor)));
            Map<String, Parameter> parameters = bert.network().parameters();
            train(bert, new Classification(bert),
                    ParameterGroup.of(parameters, 0, factor), 1, classified());
            bert.network().tensors().forEach((name, tensor) -> {
                float[] move = Tensors.toFloats(tensor);
                for (int i = 0; i < move.length; i++) {
                    move[i] -= before.get(name)[i];
                }
                moves.put(name, move);
            });
        }
        return moves;
    }

    @Test
    void aRunMayBeStopped() {
        try (TinyRun run = new TinyRun(TinyRun.Kind.DECODER)) {
            run.train(TinyRun.settings(60, Precision.FLOAT32), new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    if (report.step() == 7) {
                        loop.stop();
                    }
                }
            });
            assertThat(run.progress().step()).isEqualTo(7);
        }
    }

    /** A part of a run with a state of its own: how many steps it has seen. */
    private static final class Counter implements Stateful, TrainingListener {
        private int steps;

        @Override
        public String name() {
            return "counter";
        }

        @Override
        public JsonNode state() {
            return new JsonMapper().createObjectNode().put("steps", steps);
        }

        @Override
        public void restore(JsonNode state) {
            steps = state.get("steps").intValue();
        }

        @Override
        public void afterStep(TrainingLoop loop, StepReport report) {
            steps++;
        }
    }

    @Test
    void partsWithAStateGoOnWhereTheyWere(@TempDir Path folder) {
        Counter counter = new Counter();
        try (TinyRun run = new TinyRun(TinyRun.Kind.DECODER)) {
            run.train(TinyRun.settings(6, Precision.FLOAT32), counter,
                    new CheckpointListener(folder, 4, 2, List.of(counter)));
            Counter resumed = new Counter();
            Path fourth = folder.resolve("checkpoint-000000004");
            assertThat(TrainingCheckpoint.restore(fourth, run.parts(), List.of(resumed)).step()).isEqualTo(4);
            assertThat(resumed.steps).isEqualTo(4);
        }
    }

    /**
     * What a run gave, to the last bit.
     *
     * @param losses of the steps
     * @param bits of the parameters and of the optimizer
     */
    private record Given(List<Double> losses, Map<String, List<Integer>> bits) {}

    /**
     * Dropout draws from a generator of the run, and modes are those of a thread, so other runs in the process, of
     * another seed, kind and precision and saving meanwhile, do not disturb it.
     */
    @Test
    void runsInThreadsOfOneProcessGiveWhatEachGivesAlone(@TempDir Path folder) throws Exception {
        List<Callable<Given>> runs = List.of(
                () -> given(TinyRun.Kind.DECODER, 11, Precision.FLOAT32, folder.resolve("first")),
                () -> given(TinyRun.Kind.DECODER, 12, Precision.FLOAT32, folder.resolve("second")),
                () -> given(TinyRun.Kind.ADAPTED_DECODER, 13, Precision.BFLOAT16, folder.resolve("third")),
                () -> given(TinyRun.Kind.FROZEN_ENCODER, 14, Precision.FLOAT32, folder.resolve("fourth")));
        List<Given> alone = new ArrayList<>();
        for (Callable<Given> run : runs) {
            alone.add(run.call());
        }
        assertThat(alone.get(0).losses()).isNotEqualTo(alone.get(1).losses());
        ExecutorService threads = Executors.newFixedThreadPool(runs.size());
        try {
            List<Given> together = new ArrayList<>();
            for (Future<Given> run : threads.invokeAll(runs)) {
                together.add(run.get());
            }
            assertThat(together).isEqualTo(alone);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Given given(TinyRun.Kind kind, long seed, Precision precision, Path folder) {
        try (Seeds.Own random = Seeds.own(seed); TinyRun run = new TinyRun(kind)) {
            Seeds.seed(seed);
            return Scopes.get(() -> {
                run.train(TinyRun.settings(40, precision), new CheckpointListener(folder, 7, 1));
                return new Given(List.copyOf(run.losses), run.bits());
            });
        }
    }
}
