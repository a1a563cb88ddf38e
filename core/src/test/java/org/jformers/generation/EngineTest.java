package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.attention.CacheKind;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class EngineTest {
    private static Model model;

    @BeforeAll
    static void load() {
        model = AutoModel.load(Golden.of("gpt2-lm").folder());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** A request and what it gets alone. */
    private record Case(int[] prompt, GenerationConfig config, long seed) {
        Controls controls() {
            return Controls.NONE.withSeed(seed);
        }
    }

    private static List<Case> cases(int count) {
        Random random = new Random(3);
        return IntStream.range(0, count).mapToObj(i -> {
            int[] prompt = random.ints(1 + random.nextInt(9), 1, 120).toArray();
            GenerationConfig.Builder config = GenerationConfig.builder().maxNewTokens(3 + random.nextInt(9));
            switch (i % 4) {
                case 1 -> config.doSample(true).temperature(1.3).numReturnSequences(2);
                case 2 -> config.numBeams(3).numReturnSequences(2).eosTokenId(7);
                case 3 -> config.repetitionPenalty(1.4).eosTokenId(11);
                default -> { }
            }
            return new Case(prompt, config.build(), i);
        }).toList();
    }

    private static long getWhatTheyGetAlone(Model writer, EngineSettings settings, List<Case> cases) {
        Generator alone = new Generator(writer);
        try (Engine engine = new Engine(writer, settings)) {
            List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                Case one = cases.get(i);
                results.add(engine.submit(one.prompt(), one.config(), one.controls()));
                if (i % 3 == 0) {
                    engine.step();
                }
            }
            engine.run();
            for (int i = 0; i < cases.size(); i++) {
                Case one = cases.get(i);
                List<Continuation> expected =
                        alone.generate(List.of(one.prompt()), one.config(), one.controls()).get(0);
                List<Continuation> found = results.get(i).join();
                assertThat(found).hasSameSizeAs(expected);
                for (int k = 0; k < found.size(); k++) {
                    assertThat(found.get(k).ids()).as("request %s", i).isEqualTo(expected.get(k).ids());
                    assertThat(found.get(k).complete()).isEqualTo(expected.get(k).complete());
                }
            }
            return engine.evictions();
        }
    }

    @Test
    void manyRequestsGetWhatEachGetsAlone() {
        getWhatTheyGetAlone(model, EngineSettings.DEFAULT.withChunk(4), cases(24));
    }

    @Test
    void requestsThatAreEvictedGetWhatTheyGetUndisturbed() {
        // Room for about three of them: beams and copies count for each of their sequences.
        assertThat(getWhatTheyGetAlone(model, EngineSettings.DEFAULT.withChunk(4).withTokens(70), cases(24)))
                .isPositive();
    }

    @Test
    void pagesAndFixedBuffersChangeNothing() {
        for (CacheKind kind : List.of(CacheKind.paged(4, 200), CacheKind.fixed(16))) {
            getWhatTheyGetAlone(model, EngineSettings.DEFAULT.withCache(kind).withTokens(200), cases(16));
        }
    }

    @Test
    void eightBitsWriteTextsOfTheSameLength() {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withCache(CacheKind.INT8))) {
            CompletableFuture<List<Continuation>> result = engine.submit(
                    new int[] {5, 6, 7}, GenerationConfig.builder().maxNewTokens(9).build(), Controls.NONE);
            engine.run();
            assertThat(result.join().get(0).ids()).hasSize(9);
        }
    }

    @Test
    void allFamiliesGetWhatTheyGetAlone() throws IOException {
        String decoder = """
                "vocab_size": 130, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4,
                "num_key_value_heads": 2, "intermediate_size": 12, "max_position_embeddings": 60""";
        String pair = "\"vocab_size\": 130, \"d_model\": 12, \"decoder_start_token_id\": 0";
        for (String config : List.of(
                "{\"model_type\": \"mistral\", \"sliding_window\": 4, " + decoder + "}",
                "{\"model_type\": \"llama\", \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0}, "
                        + decoder.replace("60", "8") + "}",
                "{\"model_type\": \"mixtral\", \"num_local_experts\": 3, " + decoder + "}",
                "{\"model_type\": \"t5\", \"d_kv\": 4, \"d_ff\": 8, \"num_layers\": 2, \"num_heads\": 3, "
                        + pair + "}",
                "{\"model_type\": \"switch_transformers\", \"d_kv\": 4, \"d_ff\": 8, \"num_layers\": 2,"
                        + " \"num_decoder_layers\": 2, \"num_heads\": 3, \"num_experts\": 2,"
                        + " \"expert_capacity\": 1, \"num_sparse_encoder_layers\": 1,"
                        + " \"num_sparse_decoder_layers\": 1, " + pair + "}",
                "{\"model_type\": \"bart\", \"encoder_layers\": 2, \"decoder_layers\": 2,"
                        + " \"encoder_attention_heads\": 3, \"decoder_attention_heads\": 3,"
                        + " \"encoder_ffn_dim\": 8, \"decoder_ffn_dim\": 8, \"max_position_embeddings\": 60,"
                        + " \"pad_token_id\": 1, " + pair + "}")) {
            boolean writesAboutSources = config.contains("d_model");
            try (Model other = AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(config), "test"),
                    writesAboutSources ? Task.SEQ2SEQ_LM : Task.CAUSAL_LM, 4)) {
                List<Case> cases = cases(8).stream().map(one -> writesAboutSources
                        ? new Case(one.prompt(), one.config().with().decoderStartTokenId(0).build(), one.seed())
                        : one).toList();
                getWhatTheyGetAlone(other, EngineSettings.DEFAULT.withChunk(4), cases);
                getWhatTheyGetAlone(other, EngineSettings.DEFAULT.withTokens(70), cases);
            }
        }
    }

    @Test
    void aRequestThatFailsLeavesTheOthersAlone() {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT)) {
            GenerationConfig config = GenerationConfig.builder().maxNewTokens(6).build();
            CompletableFuture<List<Continuation>> failing = engine.submit(new int[] {1, 2}, config,
                    Controls.NONE.withListener(token -> {
                        throw new IllegalStateException("gone");
                    }));
            CompletableFuture<List<Continuation>> other = engine.submit(new int[] {1, 2}, config, Controls.NONE);
            engine.run();
            assertThatThrownBy(failing::join).hasRootCauseMessage("gone");
            assertThat(other.join().get(0).ids()).hasSize(6);
        }
    }

    @Test
    void refusesWhatItWouldNeverHaveRoomFor() {
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withTokens(10))) {
            assertThatThrownBy(() -> engine.submit(
                    new int[] {1, 2}, GenerationConfig.builder().maxNewTokens(9).build(), Controls.NONE))
                    .isInstanceOf(JformersException.class)
                    .hasMessage("generation: got a request that may have 11 tokens, allowed 10 in this engine");
        }
    }

    @Test
    void anEngineThatIsClosedFailsWhatIsOpen() {
        CompletableFuture<List<Continuation>> open;
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT)) {
            open = engine.submit(
                    new int[] {1, 2}, GenerationConfig.builder().maxNewTokens(9).build(), Controls.NONE);
            engine.step();
        }
        assertThatThrownBy(open::join).hasMessageContaining("an engine that is closed");
    }

    @Test
    void everyRequestEndsOnceAndLeavesNothing() {
        endsAll(400, CacheKind.paged(4, 200));
        endsAll(400, CacheKind.sharing(4, 200));
    }

    /** The same ten thousand times: {@code mvn -pl core -am test -Dtest=EngineTest -Dgroups=slow}. */
    @Test
    @Tag("slow")
    void everyOneOfTenThousandRequestsEndsOnce() {
        endsAll(10_000, CacheKind.paged(4, 200));
        endsAll(10_000, CacheKind.sharing(4, 200));
    }

    /** Pages that were not given back would leave none for the last requests. */
    private static void endsAll(int count, CacheKind kind) {
        Random random = new Random(9);
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        long before = 0;
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withChunk(8).withTokens(300)
                .withCache(kind))) {
            for (int i = 0; i < count; i++) {
                if (i == count / 4) {
                    engine.run();
                    before = Pointer.totalCount();
                }
                Cancellation cancellation = new Cancellation();
                Controls controls = controls(random, cancellation);
                GenerationConfig config = GenerationConfig.builder().maxNewTokens(1 + random.nextInt(8))
                        .doSample(random.nextBoolean()).build();
                int[] prompt = random.ints(1 + random.nextInt(12), 1, 120).toArray();
                engine.submit(prompt, config, controls).whenComplete((result, error) -> {
                    ended.incrementAndGet();
                    failed.addAndGet(error == null ? 0 : 1);
                    others.addAndGet(error == null || error.getMessage().endsWith("gone") ? 0 : 1);
                });
                Scopes.run(engine::step);
                if (random.nextInt(5) == 0) {
                    cancellation.cancel();
                }
            }
            engine.run();
            assertThat(ended).hasValue(count);
            assertThat(others).as("failures of other reasons than the listener's").hasValue(0);
            assertThat(failed.get()).isBetween(1, count / 3);
            assertThat(Pointer.totalCount()).as("native objects").isLessThanOrEqualTo(before);
        }
    }

    private static Controls controls(Random random, Cancellation cancellation) {
        Controls controls = Controls.NONE.withSeed(random.nextLong()).withRule(cancellation);
        int kind = random.nextInt(4);
        int failing = random.nextInt(6);
        AtomicInteger tokens = new AtomicInteger();
        return switch (kind) {
            case 0 -> controls.withRule(Deadline.in(Duration.ofNanos(random.nextInt(3_000_000))));
            case 1 -> controls.withListener(token -> {
                if (tokens.getAndIncrement() == failing) {
                    throw new IllegalStateException("gone");
                }
            });
            default -> controls;
        };
    }
}
