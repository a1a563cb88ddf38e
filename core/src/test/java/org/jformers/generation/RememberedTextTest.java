package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.generation.Beginning.BEGINNING;
import static org.jformers.generation.Beginning.alone;
import static org.jformers.generation.Beginning.config;
import static org.jformers.generation.Beginning.with;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.attention.CacheKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Buffers that remember: texts that begin alike are read once, to the last token, and go on as they would alone. */
final class RememberedTextTest {
    private static Model model;

    @BeforeAll
    static void load() {
        model = AutoModel.load(Golden.of("gpt2-lm").folder());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Engine engine(Model of, long tokens) {
        return new Engine(of, EngineSettings.DEFAULT.withChunk(6)
                .withCache(CacheKind.remembering(CacheKind.GROWING, tokens)));
    }

    /** Writes, and says how many tokens were read, and were told to be recalled. */
    private static long[] read(Engine engine, int[] prompt, int count) {
        long before = engine.tokensRead();
        long[] recalled = {0};
        CompletableFuture<List<Continuation>> result = engine.submit(prompt, config(count),
                Controls.NONE.withListener(new TokenListener() {
                    @Override
                    public void token(int id) {}

                    @Override
                    public void recalled(int tokens) {
                        recalled[0] = tokens;
                    }
                }));
        engine.run();
        assertThat(result.join().get(0).ids()).isEqualTo(alone(model, prompt, config(count)));
        return new long[] {engine.tokensRead() - before, recalled[0]};
    }

    @Test
    void whatWasReadIsNotReadAgain() {
        try (Engine engine = engine(model, 1000)) {
            // The last token that is written is not read.
            assertThat(read(engine, with(7, 8), 5)).containsExactly(24 + 4, 0);
            assertThat(read(engine, with(9, 10, 11), 5)).containsExactly(25 + 4 - 22, 22);
            // The last token of the prompt is to be read for its scores.
            assertThat(read(engine, with(7, 8), 5)).containsExactly(24 + 4 - 23, 23);
            int[] text = alone(model, with(7, 8), config(5));
            assertThat(read(engine, with(7, 8, text[0], text[1], text[2], text[3], 50), 3))
                    .containsExactly(29 + 2 - 28, 28);
            assertThat(read(engine, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3)).containsExactly(9 + 2, 0);
        }
    }

    /** Answers to one prompt wait until it is read, and then begin behind it. */
    @Test
    void whatIsBeingReadIsWaitedFor() {
        try (Engine engine = engine(model, 1000)) {
            List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                results.add(engine.submit(with(7, 8), config(5), Controls.NONE));
            }
            results.add(engine.submit(with(9), config(5), Controls.NONE));
            engine.run();
            results.forEach(result -> assertThat(result.join().get(0).ids()).hasSize(5));
            assertThat(results.get(2).join().get(0).ids()).isEqualTo(alone(model, with(7, 8), config(5)));
            assertThat(results.get(3).join().get(0).ids()).isEqualTo(alone(model, with(9), config(5)));
            assertThat(engine.tokensRead()).isEqualTo(24 + 2 + 1 + 4 * 4);
        }
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() {
        try (Engine engine = engine(model, 60)) {
            int[] other = IntStream.of(with(7, 8)).map(id -> 120 - id).toArray();
            int[] third = IntStream.of(with(7, 8)).map(id -> id + 1).toArray();
            read(engine, with(7, 8), 5); // keeps 28 tokens
            read(engine, other, 5); // and 28 more
            assertThat(read(engine, with(7, 8, 9), 2)[1]).isPositive();
            read(engine, third, 5); // for which the other one goes
            assertThat(read(engine, with(7, 8), 5)[1]).isEqualTo(23);
            assertThat(read(engine, other, 5)[1]).isZero();
        }
        try (Engine engine = engine(model, 10)) {
            read(engine, with(7, 8), 5);
            assertThat(read(engine, with(7, 8), 5)[1]).as("of a text that is longer than all").isZero();
        }
    }

    @Test
    void manyTextsAreWhatTheyAreAloneAndLeaveNothing() {
        Random random = new Random(3);
        try (Model other = AutoModel.load(Golden.of("gpt2-lm").folder())) {
            long objects;
            try (Engine engine = engine(other, 200)) {
                objects = Pointer.totalCount();
                for (int round = 0; round < 4; round++) {
                    List<int[]> prompts = new ArrayList<>();
                    List<CompletableFuture<List<Continuation>>> results = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        int[] prompt = IntStream.concat(IntStream.of(BEGINNING).map(id -> id % 40 + 3)
                                .limit(6 + random.nextInt(16)), random.ints(1 + random.nextInt(3), 3, 40)).toArray();
                        prompts.add(prompt);
                        results.add(engine.submit(prompt, config(6), Controls.NONE));
                    }
                    engine.run();
                    for (int i = 0; i < prompts.size(); i++) {
                        assertThat(results.get(i).join().get(0).ids())
                                .isEqualTo(alone(other, prompts.get(i), config(6)));
                    }
                }
            }
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
        }
    }

    @Test
    void pagesShareByThemselves() {
        CacheKind kind = CacheKind.remembering(CacheKind.paged(4, 10), 100);
        assertThatThrownBy(() -> new Engine(model, EngineSettings.DEFAULT.withCache(kind)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("sharing");
    }
}
