package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Engine;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is closed while it is used, or used when it is closed, ends with a result or with one clear error. */
@Timeout(300)
final class ClosingTest {
    private static final String CLOSED = ": got a use after it was closed, allowed before only";
    private static final Tokenizer TOKENIZER = ByteLevelBpeTrainer.builder().vocabSize(262)
            .specialTokens("<s>", "</s>").build().train(List.of("a film"));
    private static final GenerationConfig SAMPLED =
            GenerationConfig.builder().maxNewTokens(6).doSample(true).topK(0).build();

    private static Model model(Task task, String config) {
        try {
            return AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(config), "test"), task, 4);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static TextGeneration writer() {
        return new TextGeneration(
                model(Task.CAUSAL_LM, """
                        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 262,
                         "n_positions": 40, "n_embd": 8, "n_layer": 1, "n_head": 2}
                        """), TOKENIZER, GenerationConfig.builder().bosTokenId(0).build());
    }

    private static Model bert(Task task) {
        return model(task, """
                {"model_type": "bert", "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "intermediate_size": 8, "max_position_embeddings": 40, "vocab_size": 262, "pad_token_id": 0}
                """);
    }

    @Test
    void aClosedPipelineRefusesCalls() {
        TextClassification classes = new TextClassification(bert(Task.SEQUENCE_CLASSIFICATION), TOKENIZER);
        classes.close();
        classes.close();
        assertThatThrownBy(() -> classes.classify("a film")).isInstanceOf(JformersException.class)
                .hasMessage("BertForSequenceClassification" + CLOSED);
        FeatureExtraction vectors = new FeatureExtraction(bert(Task.BASE), TOKENIZER);
        vectors.close();
        assertThatThrownBy(() -> vectors.extract("a film")).isInstanceOf(JformersException.class)
                .hasMessage("BertModel" + CLOSED);
        TextGeneration writer = writer();
        writer.close();
        assertThatThrownBy(() -> writer.generate("a film")).isInstanceOf(JformersException.class)
                .hasMessage("GPT2LMHeadModel" + CLOSED);
    }

    @Test
    void aClosedModelIsNeitherRunNorSaved() {
        Model model = bert(Task.BASE);
        model.close();
        assertThatThrownBy(() -> model.forward(ModelInputs.of(Tensors.ofLongs(new long[][] {{1, 2}}))))
                .isInstanceOf(JformersException.class).hasMessageEndingWith(CLOSED);
        assertThatThrownBy(() -> model.save(Path.of("never-written")))
                .isInstanceOf(JformersException.class).hasMessageEndingWith(CLOSED);
    }

    @Test
    void whoHearsTheTextMayClose() {
        TextGeneration writer = writer();
        List<String> heard = new ArrayList<>();
        assertThatThrownBy(() -> writer.stream("a", SAMPLED, Controls.NONE.withSeed(1), piece -> {
            heard.add(piece);
            writer.close();
        })).isInstanceOf(JformersException.class).hasMessageEndingWith(CLOSED);
        assertThat(heard).hasSize(1);
    }

    @Test
    void aCancelledGenerationEndsWithTheNextToken() {
        try (TextGeneration writer = writer()) {
            Cancellation cancellation = new Cancellation();
            AtomicInteger tokens = new AtomicInteger();
            Controls controls = Controls.NONE.withSeed(1).withRule(cancellation).withListener(token -> {
                if (tokens.incrementAndGet() == 3) {
                    cancellation.cancel();
                }
            });
            assertThat(writer.stream("a", SAMPLED, controls, piece -> {}).ids()).hasSize(3);
            assertThat(writer.generate(List.of("a"), SAMPLED.with().numBeams(2).build(),
                    Controls.NONE.withRule(cancellation)).get(0).get(0).ids()).hasSize(1);
        }
    }

    @Test
    void thirtyTwoThreadsGetWhatOneGets() throws Exception {
        try (TextGeneration writer = writer();
                TextClassification classes = new TextClassification(bert(Task.SEQUENCE_CLASSIFICATION), TOKENIZER)) {
            List<Callable<String>> uses = IntStream.range(0, 32).<Callable<String>>mapToObj(i -> () ->
                    writer.generate(List.of("a film".substring(i % 3)), SAMPLED, Controls.NONE.withSeed(i))
                            .get(0).get(0).text()
                            + classes.classify("a film that is long".substring(i % 9))).toList();
            List<String> alone = new ArrayList<>();
            for (Callable<String> use : uses) {
                alone.add(use.call());
            }
            List<String> together = new ArrayList<>();
            ExecutorService threads = Executors.newFixedThreadPool(32);
            for (Future<String> result : threads.invokeAll(uses)) {
                together.add(result.get());
            }
            threads.shutdown();
            assertThat(together).isEqualTo(alone);
        }
    }

    /** Each round is some generations and classifications on threads of their own, during which the models close. */
    @Test
    void tenThousandClosesCancelsAndFailuresLeaveNothing() throws Exception {
        int before = Engine.currentThreads();
        Engine.useThreads(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Random random = new Random(7);
            AtomicInteger errors = new AtomicInteger();
            round(threads, random, errors);
            long objects = Pointer.totalCount();
            long bytes = Pointer.totalBytes();
            int events = 0;
            while (events < 10_000) {
                events += round(threads, random, errors);
            }
            // The collector may free what earlier tests left.
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
            assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes);
            assertThat(errors.get()).isGreaterThan(100);
        } finally {
            threads.shutdown();
            assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            Engine.useThreads(before);
        }
    }

    private static int round(ExecutorService threads, Random random, AtomicInteger errors) throws Exception {
        TextGeneration writer = writer();
        TextClassification classes = new TextClassification(bert(Task.SEQUENCE_CLASSIFICATION), TOKENIZER);
        List<Callable<Void>> uses = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            Random own = new Random(random.nextLong());
            uses.add(() -> {
                for (int i = 0; i < 20; i++) {
                    use(writer, classes, own, errors);
                }
                return null;
            });
        }
        int micros = random.nextInt(60_000);
        uses.add(() -> {
            TimeUnit.MICROSECONDS.sleep(micros);
            writer.close();
            classes.close();
            return null;
        });
        for (Future<Void> use : threads.invokeAll(uses)) {
            use.get();
        }
        return 3 * 20 + 2;
    }

    private static void use(TextGeneration writer, TextClassification classes, Random random, AtomicInteger errors) {
        Cancellation cancellation = new Cancellation();
        int last = random.nextInt(5);
        boolean fails = random.nextBoolean();
        AtomicInteger heard = new AtomicInteger();
        try {
            if (random.nextInt(3) == 0) {
                classes.classify("a film");
                return;
            }
            writer.stream("a", SAMPLED, Controls.NONE.withSeed(random.nextInt()).withRule(cancellation), piece -> {
                if (heard.getAndIncrement() == last && fails) {
                    throw new IllegalStateException("the consumer fails");
                } else if (heard.get() > last) {
                    cancellation.cancel();
                }
            });
        } catch (JformersException e) {
            assertThat(e).hasMessageEndingWith(CLOSED);
            errors.incrementAndGet();
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("the consumer fails");
        }
    }
}
