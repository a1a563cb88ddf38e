package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.tensor.Engine;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is closed while it is used, or used when it is closed, ends with a result or with one clear error. */
@Timeout(300)
final class ClosingTest {
    private static final String CLOSED = ": got a use after it was closed, allowed before only";
    private static final GenerationConfig SAMPLED =
            GenerationConfig.builder().maxNewTokens(6).doSample(true).topK(0).build();

    @Test
    void aClosedPipelineRefusesCalls() {
        TextClassification classes =
                new TextClassification(TinyText.bert(Task.SEQUENCE_CLASSIFICATION), TinyText.TOKENIZER);
        classes.close();
        classes.close();
        assertThatThrownBy(() -> classes.classify("a film")).isInstanceOf(JformersException.class)
                .hasMessage("BertForSequenceClassification" + CLOSED);
        FeatureExtraction vectors = new FeatureExtraction(TinyText.bert(Task.BASE), TinyText.TOKENIZER);
        vectors.close();
        assertThatThrownBy(() -> vectors.extract("a film")).isInstanceOf(JformersException.class)
                .hasMessage("BertModel" + CLOSED);
        TextGeneration writer = TinyText.writer();
        writer.close();
        assertThatThrownBy(() -> writer.generate("a film")).isInstanceOf(JformersException.class)
                .hasMessage("GPT2LMHeadModel" + CLOSED);
    }

    @Test
    void aClosedModelIsNeitherRunNorSaved() {
        Model model = TinyText.bert(Task.BASE);
        model.close();
        assertThatThrownBy(() -> model.forward(ModelInputs.of(Tensors.ofLongs(new long[][] {{1, 2}}))))
                .isInstanceOf(JformersException.class).hasMessageEndingWith(CLOSED);
        assertThatThrownBy(() -> model.save(Path.of("never-written")))
                .isInstanceOf(JformersException.class).hasMessageEndingWith(CLOSED);
    }

    @Test
    void whoHearsTheTextMayClose() {
        TextGeneration writer = TinyText.writer();
        List<String> heard = new ArrayList<>();
        assertThatThrownBy(() -> writer.stream("a", SAMPLED, Controls.NONE.withSeed(1), piece -> {
            heard.add(piece);
            writer.close();
        })).isInstanceOf(JformersException.class).hasMessageEndingWith(CLOSED);
        assertThat(heard).hasSize(1);
    }

    @Test
    void aCancelledGenerationEndsBeforeTheNextToken() {
        try (TextGeneration writer = TinyText.writer()) {
            Cancellation cancellation = new Cancellation();
            AtomicInteger tokens = new AtomicInteger();
            Controls controls = Controls.NONE.withSeed(1).withRule(cancellation).withListener(token -> {
                if (tokens.incrementAndGet() == 3) {
                    cancellation.cancel();
                }
            });
            assertThat(writer.stream("a", SAMPLED, controls, piece -> {}).ids()).hasSize(3);
            assertThat(writer.generate(List.of("a"), SAMPLED.with().numBeams(2).build(),
                    Controls.NONE.withRule(cancellation)).get(0).get(0).ids()).isEmpty();
        }
    }

    @Test
    void thirtyTwoThreadsGetWhatOneGets() throws Exception {
        try (TextGeneration writer = TinyText.writer();
                TextClassification classes =
                        new TextClassification(TinyText.bert(Task.SEQUENCE_CLASSIFICATION), TinyText.TOKENIZER);
                FeatureExtraction vectors = new FeatureExtraction(TinyText.bert(Task.BASE), TinyText.TOKENIZER)) {
            List<Callable<String>> uses = IntStream.range(0, 32).<Callable<String>>mapToObj(i -> () ->
                    writer.generate(List.of("a film".substring(i % 3)), SAMPLED, Controls.NONE.withSeed(i))
                            .get(0).get(0).text()
                            + read(writer, Controls.NONE.withSeed(i), i % 7)
                            + classes.classify("a film that is long".substring(i % 9))
                            + Arrays.deepToString(vectors.extract("a film".substring(i % 5)).vectors())).toList();
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
        TextGeneration writer = TinyText.writer();
        TextClassification classes =
                new TextClassification(TinyText.bert(Task.SEQUENCE_CLASSIFICATION), TinyText.TOKENIZER);
        Translation translator = TinyText.translator();
        List<Callable<Void>> uses = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            Random own = new Random(random.nextLong());
            uses.add(() -> {
                for (int i = 0; i < 20; i++) {
                    use(writer, classes, translator, own, errors);
                }
                return null;
            });
        }
        int micros = random.nextInt(60_000);
        uses.add(() -> {
            TimeUnit.MICROSECONDS.sleep(micros);
            writer.close();
            classes.close();
            translator.close();
            return null;
        });
        for (Future<Void> use : threads.invokeAll(uses)) {
            use.get();
        }
        return 3 * 20 + 3;
    }

    private static void use(
            TextGeneration writer, TextClassification classes, Translation translator, Random random,
            AtomicInteger errors) {
        Cancellation cancellation = new Cancellation();
        int last = random.nextInt(5);
        boolean fails = random.nextBoolean();
        Controls controls = Controls.NONE.withSeed(random.nextInt()).withRule(cancellation);
        AtomicInteger heard = new AtomicInteger();
        Consumer<String> hears = piece -> {
            if (heard.getAndIncrement() == last && fails) {
                throw new IllegalStateException("the consumer fails");
            } else if (heard.get() > last) {
                cancellation.cancel();
            }
        };
        try {
            switch (random.nextInt(12)) {
                case 0 -> classes.classify("a film");
                case 1 -> read(writer, controls, last);
                case 2 -> subscribe(writer, controls, last, fails);
                case 3 -> translator.translate(List.of("w3 w4"),
                        translator.config().with().maxNewTokens(3).numBeams(2).build(), controls);
                default -> writer.stream("a", SAMPLED, controls, hears);
            }
        } catch (JformersException e) {
            assertThat(e).hasMessageEndingWith(CLOSED);
            errors.incrementAndGet();
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("the consumer fails");
        }
    }

    /** Reads some pieces of a text and closes it. */
    private static String read(TextGeneration writer, Controls controls, int count) {
        StringBuilder text = new StringBuilder();
        try (TextPieces pieces = writer.pieces("a", settings -> SAMPLED.with(), controls)) {
            Iterator<String> next = pieces.iterator();
            for (int i = 0; i < count && next.hasNext(); i++) {
                text.append(next.next());
            }
        }
        return text.toString();
    }

    /** Asks for some pieces of a text on this thread, cancels or goes on to its end, and rethrows what it is told. */
    private static void subscribe(TextGeneration writer, Controls controls, int count, boolean cancels) {
        Subscriber subscriber = new Subscriber();
        writer.publisher("a", settings -> SAMPLED.with(), controls, Runnable::run).subscribe(subscriber);
        subscriber.subscription.request(count + 1);
        if (cancels) {
            subscriber.subscription.cancel();
        } else {
            subscriber.subscription.request(Long.MAX_VALUE);
        }
        if (subscriber.error != null) {
            throw subscriber.error;
        }
    }

    private static final class Subscriber implements Flow.Subscriber<String> {
        private Flow.Subscription subscription;
        private RuntimeException error;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(String piece) {
            assertThat(piece).isNotEmpty();
        }

        @Override
        public void onError(Throwable e) {
            error = (RuntimeException) e;
        }

        @Override
        public void onComplete() {}
    }
}
