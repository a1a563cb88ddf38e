package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Text comes as its reader asks for it, and ends where its reader ends it. */
@Timeout(60)
final class TextPiecesTest {
    private static final GenerationConfig SAMPLED =
            GenerationConfig.builder().maxNewTokens(30).doSample(true).topK(0).build();
    private static final TextGeneration WRITER = TinyText.writer();

    @AfterAll
    static void close() {
        WRITER.close();
    }

    private static TextPieces pieces(Controls controls) {
        return WRITER.pieces("a film", settings -> SAMPLED.with(), controls);
    }

    @Test
    void theyAreTheTextThatAConsumerHears() {
        for (int seed = 0; seed < 10; seed++) {
            Controls controls = Controls.NONE.withSeed(seed);
            List<String> heard = new ArrayList<>();
            Completion whole = WRITER.stream("a film", SAMPLED, controls, heard::add);
            try (TextPieces pieces = pieces(controls)) {
                assertThat(pieces).containsExactlyElementsOf(heard);
                assertThat(pieces.completion().text()).isEqualTo(whole.text()).isEqualTo(String.join("", heard));
                assertThat(pieces.completion().ids()).isEqualTo(whole.ids()).hasSize(30);
                assertThat(pieces.iterator().hasNext()).isFalse();
                assertThatThrownBy(() -> pieces.iterator().next()).isInstanceOf(NoSuchElementException.class);
            }
        }
    }

    @Test
    void aSlowReaderMakesTheModelWait() {
        AtomicInteger tokens = new AtomicInteger();
        int threads = Thread.activeCount();
        try (TextPieces pieces = pieces(Controls.NONE.withSeed(1).withListener(id -> tokens.incrementAndGet()))) {
            assertThat(tokens).hasValue(0);
            Iterator<String> next = pieces.iterator();
            next.next();
            int first = tokens.get();
            assertThat(first).isBetween(1, 4);
            assertThat(next.hasNext()).isTrue();
            assertThat(next.hasNext()).isTrue();
            assertThat(pieces.completion().ids()).hasSize(tokens.get()).hasSizeLessThan(first + 5);
            assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
        }
    }

    @Test
    void anAbandonedTextThatIsClosedLeavesNothing() {
        try (TextPieces warmUp = pieces(Controls.NONE)) {
            warmUp.iterator().next();
        }
        long objects = Pointer.totalCount();
        long bytes = Pointer.totalBytes();
        for (int i = 0; i < 20; i++) {
            TextPieces pieces = pieces(Controls.NONE.withSeed(i));
            pieces.iterator().next();
            assertThat(Pointer.totalCount()).isGreaterThan(objects);
            pieces.close();
            pieces.close();
            assertThat(pieces).isEmpty();
            assertThat(pieces.completion().complete()).isFalse();
            assertThat(pieces.completion().ids()).isNotEmpty();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
        assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes);
    }

    @Test
    void aPieceThatWasPromisedIsGivenThoughItIsClosedMeanwhile() {
        TextPieces pieces = pieces(Controls.NONE.withSeed(1));
        Iterator<String> next = pieces.iterator();
        assertThat(next.hasNext()).isTrue();
        pieces.close();
        assertThat(next.hasNext()).isTrue();
        assertThat(next.next()).isNotEmpty();
        assertThat(next.hasNext()).isFalse();
    }

    @Test
    void aFailureOfItsReaderLeavesNothing() {
        pieces(Controls.NONE).forEach(piece -> {});
        long objects = Pointer.totalCount();
        assertThatThrownBy(() -> {
            try (TextPieces pieces = pieces(Controls.NONE)) {
                pieces.forEach(piece -> {
                    throw new IllegalStateException("the reader fails");
                });
            }
        }).hasMessage("the reader fails");
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
    }

    @Test
    void aCancellationInTheMiddleEndsItWithThePieceThatWasRead() {
        Cancellation cancellation = new Cancellation();
        try (TextPieces pieces = pieces(Controls.NONE.withSeed(1).withRule(cancellation))) {
            Iterator<String> next = pieces.iterator();
            StringBuilder read = new StringBuilder(next.next());
            int tokens = pieces.completion().ids().length;
            cancellation.cancel();
            next.forEachRemaining(read::append);
            assertThat(pieces.completion().ids()).hasSize(tokens);
            assertThat(pieces.completion().complete()).isTrue();
            assertThat(pieces.completion().text()).isEqualTo(read.toString());
        }
    }

    /** The listener holds the third token back until the text is closed elsewhere. */
    @Test
    void anotherThreadClosesItBetweenTwoTokens() throws InterruptedException {
        CountDownLatch third = new CountDownLatch(1);
        AtomicInteger tokens = new AtomicInteger();
        TextPieces[] open = new TextPieces[1];
        Thread closer = new Thread(() -> {
            try {
                third.await();
                open[0].close();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        open[0] = pieces(Controls.NONE.withSeed(1).withListener(id -> {
            if (tokens.incrementAndGet() == 3) {
                third.countDown();
                while (closer.getState() != Thread.State.BLOCKED) {
                    Thread.onSpinWait();
                }
            }
        }));
        closer.start();
        open[0].forEach(piece -> {});
        closer.join();
        assertThat(tokens).hasValue(3);
        assertThat(open[0].completion().ids()).hasSize(3);
    }

    @Test
    void twoAtOnceDoNotMix() {
        List<String> one = new ArrayList<>();
        List<String> two = new ArrayList<>();
        WRITER.stream("a film", SAMPLED, Controls.NONE.withSeed(1), one::add);
        WRITER.stream("a film", SAMPLED, Controls.NONE.withSeed(2), two::add);
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        try (TextPieces left = pieces(Controls.NONE.withSeed(1));
                TextPieces right = pieces(Controls.NONE.withSeed(2))) {
            Iterator<String> fromLeft = left.iterator();
            Iterator<String> fromRight = right.iterator();
            while (fromLeft.hasNext() || fromRight.hasNext()) {
                if (fromLeft.hasNext()) {
                    first.add(fromLeft.next());
                }
                if (fromRight.hasNext()) {
                    second.add(fromRight.next());
                }
            }
        }
        assertThat(first).isEqualTo(one).isNotEqualTo(second);
        assertThat(second).isEqualTo(two);
    }

    @Test
    void aClosedModelIsOneErrorAndTheEnd() {
        TextGeneration writer = TinyText.writer();
        try (TextPieces pieces = writer.pieces("a", settings -> SAMPLED.with(), Controls.NONE)) {
            pieces.iterator().next();
            writer.close();
            assertThatThrownBy(() -> pieces.forEach(piece -> {})).isInstanceOf(JformersException.class)
                    .hasMessage("GPT2LMHeadModel: got a use after it was closed, allowed before only");
            assertThat(pieces).isEmpty();
        }
    }

    @Test
    void refusesBeams() {
        assertThatThrownBy(() -> WRITER.pieces("a", settings -> settings.numBeams(2), Controls.NONE))
                .isInstanceOf(JformersException.class)
                .hasMessage("generation: got a sequence token by token for 1 prompts, num_beams 2,"
                        + " num_return_sequences 1, allowed for a single sequence");
    }
}
