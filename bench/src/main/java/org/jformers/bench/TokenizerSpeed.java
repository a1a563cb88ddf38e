package org.jformers.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jspecify.annotations.Nullable;

/**
 * Speed of tokenizers for {@code bench/tokenizers.sh}: {@code encode TEXT ROUNDS TOKENIZER...} in processor time of one
 * thread, {@code batch} on all cores and {@code train TEXT ROUNDS VOCABULARY} in wall time. The best round counts.
 */
public final class TokenizerSpeed {
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private TokenizerSpeed() {}

    /** @param arguments as above */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        List<String> lines = Files.readAllLines(file);
        int rounds = Integer.parseInt(arguments[2]);
        double megabytes = Files.size(file) / 1e6;
        for (int i = 3; i < arguments.length; i++) {
            String subject = arguments[i];
            long best = Long.MAX_VALUE;
            Tokenizer tokenizer = arguments[0].equals("train") ? null : AutoTokenizer.load(Path.of(subject));
            for (int round = 0; round < rounds; round++) {
                best = Math.min(best, nanoseconds(arguments[0], tokenizer, lines, subject));
            }
            System.out.printf(
                    Locale.ROOT, "jformers %s %s %.1f ms %.2f MB/s%n", arguments[0], subject, best / 1e6,
                    megabytes * 1e9 / best);
        }
    }

    private static long nanoseconds(String what, @Nullable Tokenizer tokenizer, List<String> lines, String subject) {
        boolean oneThread = what.equals("encode");
        long start = oneThread ? CPU.getCurrentThreadCpuTime() : System.nanoTime();
        switch (what) {
            case "encode" -> {
                long tokens = 0;
                for (String line : lines) {
                    tokens += Objects.requireNonNull(tokenizer).encode(line).length();
                }
                if (tokens == 0) {
                    throw new IllegalStateException("no tokens");
                }
            }
            case "batch" -> Objects.requireNonNull(tokenizer).encodeBatch(lines);
            case "train" -> ByteLevelBpeTrainer.builder().vocabSize(Integer.parseInt(subject)).build().train(lines);
            default -> throw new IllegalArgumentException(what);
        }
        return (oneThread ? CPU.getCurrentThreadCpuTime() : System.nanoTime()) - start;
    }
}
