package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jformers.generation.Beginning.alone;
import static org.jformers.generation.Beginning.config;
import static org.jformers.generation.Beginning.with;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.attention.CacheKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests that begin alike: what one has read, another does not read again, and writes the same. */
final class SharedPrefixTest {
    private static final int PAGE = 4;
    private static Model model;

    @BeforeAll
    static void load() {
        model = AutoModel.load(Golden.of("gpt2-lm").folder());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Engine engine(int pages) {
        return new Engine(model, EngineSettings.DEFAULT.withChunk(6).withCache(CacheKind.sharing(PAGE, pages)));
    }

    /** Writes, and says how many tokens were read. */
    private static long read(Engine engine, int[] prompt, int count) {
        long before = engine.tokensRead();
        CompletableFuture<List<Continuation>> result = engine.submit(prompt, config(count), Controls.NONE);
        engine.run();
        assertThat(result.join().get(0).ids()).isEqualTo(alone(model, prompt, config(count)));
        return engine.tokensRead() - before;
    }

    @Test
    void whatAnEndedRequestHasReadIsNotReadAgain() {
        try (Engine engine = engine(100)) {
            // The last token that is written is not read.
            assertThat(read(engine, with(7, 8), 5)).isEqualTo(24 + 4);
            // Of 22 tokens in common, five pages are full.
            assertThat(read(engine, with(9, 10, 11), 5)).isEqualTo(25 + 4 - 20);
            // Six pages, but the last token is to be read for its scores.
            assertThat(read(engine, with(7, 8), 5)).isEqualTo(24 + 4 - 20);
            int[] text = alone(model, with(7, 8), config(5));
            assertThat(read(engine, with(7, 8, text[0], text[1], text[2], text[3], 50), 3)).isEqualTo(29 + 2 - 28);
            assertThat(read(engine, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3)).isEqualTo(9 + 2);
        }
    }

    @Test
    void whatAWritingRequestHasReadIsNotReadAgain() {
        try (Engine engine = engine(100)) {
            CompletableFuture<List<Continuation>> first = engine.submit(with(7, 8), config(12), Controls.NONE);
            for (int i = 0; i < 6; i++) {
                engine.step();
            }
            assertThat(first).isNotDone();
            CompletableFuture<List<Continuation>> second = engine.submit(with(9), config(4), Controls.NONE);
            engine.run();
            assertThat(first.join().get(0).ids()).isEqualTo(alone(model, with(7, 8), config(12)));
            assertThat(second.join().get(0).ids()).isEqualTo(alone(model, with(9), config(4)));
            assertThat(engine.tokensRead()).isEqualTo(24 + 11 + 23 + 3 - 20);
        }
    }

    @Test
    void pagesThatAreNeededGoTheLeastRecentlyUsedFirst() {
        // Room for the nine pages of a request and four more.
        try (Engine engine = engine(13)) {
            assertThat(read(engine, with(7, 8), 5)).isEqualTo(28); // remembers 7 pages
            int[] other = Arrays.stream(with(7, 8)).map(id -> 120 - id).toArray();
            assertThat(read(engine, other, 9)).isEqualTo(32); // 8 pages, for which two ends of the first go
            assertThat(read(engine, with(7, 8), 5)).isEqualTo(28 - 20);
            assertThat(read(engine, other, 9)).isLessThan(32).isGreaterThan(32 - 24);
        }
    }

    @Test
    void rowsThatWereGivenUpAreFoundAgain() {
        List<int[]> prompts = IntStream.range(0, 8).mapToObj(i -> with(7, i)).toList();
        try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withChunk(6).withTokens(90)
                .withCache(CacheKind.sharing(PAGE, 60)))) {
            List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
            prompts.forEach(prompt -> results.add(engine.submit(prompt, config(14), Controls.NONE)));
            engine.run();
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(results.get(i).join().get(0).ids()).isEqualTo(alone(model, prompts.get(i), config(14)));
            }
            assertThat(engine.evictions()).isPositive();
            assertThat(engine.tokensRead()).isLessThan(8 * (24 + 13));
        }
    }

    @Test
    void allSearchesAndFamiliesWriteTheSame() throws IOException {
        String decoder = """
                "vocab_size": 130, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4,
                "num_key_value_heads": 2, "intermediate_size": 12, "max_position_embeddings": 60""";
        String pair = "\"vocab_size\": 130, \"d_model\": 12, \"decoder_start_token_id\": 0";
        for (String json : List.of(
                "{\"model_type\": \"llama\", " + decoder + "}",
                "{\"model_type\": \"mistral\", \"sliding_window\": 6, " + decoder + "}",
                "{\"model_type\": \"llama\", \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0}, "
                        + decoder.replace("60", "8") + "}",
                "{\"model_type\": \"t5\", \"d_kv\": 4, \"d_ff\": 8, \"num_layers\": 2, \"num_heads\": 3, "
                        + pair + "}")) {
            boolean pairs = json.contains("t5");
            boolean inParts = !pairs && !json.contains("dynamic");
            try (Model other = AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(json), "test"),
                    pairs ? Task.SEQ2SEQ_LM : Task.CAUSAL_LM, 4)) {
                for (CacheKind kind : List.of(
                        CacheKind.sharing(PAGE, 80), CacheKind.remembering(CacheKind.GROWING, 120))) {
                    try (Engine engine = new Engine(
                            other, EngineSettings.DEFAULT.withChunk(6).withTokens(200).withCache(kind))) {
                        compare(other, engine, inParts);
                    }
                }
            }
        }
    }

    private static void compare(Model other, Engine engine, boolean inParts) {
        Random random = new Random(3);
        List<Runnable> checks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int[] prompt = Arrays.copyOf(with(random.nextInt(9), 8), 10 + random.nextInt(14));
            GenerationConfig.Builder config = GenerationConfig.builder().maxNewTokens(6).decoderStartTokenId(0);
            Controls controls = Controls.NONE.withSeed(i);
            switch (i % 4) {
                case 1 -> config.doSample(true).numReturnSequences(2);
                case 2 -> config.numBeams(3).numReturnSequences(3).eosTokenId(7);
                case 3 -> config.eosTokenId(11).guidanceScale(inParts ? 1.5 : 1);
                default -> { }
            }
            CompletableFuture<List<Continuation>> result = engine.submit(prompt, config.build(), controls);
            checks.add(() -> assertThat(result.join().stream().map(Continuation::ids))
                    .containsExactlyElementsOf(new Generator(other)
                            .generate(List.of(prompt), config.build(), controls).get(0).stream()
                            .map(Continuation::ids).toList()));
            engine.step();
        }
        engine.run();
        checks.forEach(Runnable::run);
    }

    @Test
    void guessesThatAreTakenBackAreNoBeginnings() {
        try (Engine engine = engine(100)) {
            int[] prompt = {5, 6, 7, 5, 6, 7, 5, 6};
            for (int i = 0; i < 3; i++) {
                CompletableFuture<List<Continuation>> result = engine.submit(
                        prompt, config(20), Controls.NONE.withDrafts(new PromptLookup(5)));
                engine.run();
                assertThat(result.join().get(0).ids()).isEqualTo(alone(model, prompt, config(20)));
            }
        }
    }
}
