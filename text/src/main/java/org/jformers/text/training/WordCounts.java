package org.jformers.text.training;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.WordSplitter;

/** Counts the words of texts on all cores; the texts are read by the calling thread alone. */
final class WordCounts {
    private static final int BATCH_CHARACTERS = 1 << 19;

    private WordCounts() {}

    static Map<String, Long> of(Iterable<String> texts, WordSplitter splitter, TrainingProgress progress) {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "word-counts");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Map<String, Long> total = new HashMap<>();
            Deque<Future<Map<String, Long>>> running = new ArrayDeque<>();
            List<String> batch = new ArrayList<>();
            int characters = 0;
            long done = 0;
            for (String text : texts) {
                batch.add(text);
                characters += text.length();
                done++;
                if (characters >= BATCH_CHARACTERS) {
                    running.add(submit(executor, batch, splitter));
                    batch = new ArrayList<>();
                    characters = 0;
                    progress.update(TrainingProgress.Stage.COUNTING, done, 0);
                }
                if (running.size() > 2 * threads) {
                    merge(running.remove(), total);
                }
            }
            running.add(submit(executor, batch, splitter));
            while (!running.isEmpty()) {
                merge(running.remove(), total);
            }
            progress.update(TrainingProgress.Stage.COUNTING, done, done);
            return total;
        } finally {
            executor.shutdownNow();
        }
    }

    private static Future<Map<String, Long>> submit(
            ExecutorService executor, List<String> texts, WordSplitter splitter) {
        return executor.submit(() -> {
            Map<String, Long> counts = new HashMap<>();
            texts.forEach(text -> splitter.split(text, word -> counts.merge(word, 1L, Long::sum)));
            return counts;
        });
    }

    private static void merge(Future<Map<String, Long>> counted, Map<String, Long> total) {
        try {
            counted.get().forEach((word, count) -> total.merge(word, count, Long::sum));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TokenizerException("tokenizer training was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TokenizerException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
