package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jformers.data.DataFile;
import org.jformers.data.TextSource;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.text.training.TrainingProgress;
import org.jformers.text.training.WordLevelTrainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers tokenizer train}: text files in, tokenizer folder out. */
@Command(name = "train", description = "Train a tokenizer on the lines of text files and write its folder.")
final class TokenizerTrainCommand implements Runnable {

    /** What the tokens are. */
    enum Kind {
        /** Pieces of words, learned from bytes, as GPT-2 has them. */
        BPE,
        /** Every character. */
        CHARACTERS,
        /** Everything between spaces. */
        SYMBOLS
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Text files in UTF-8; may be compressed with gzip.")
    private List<Path> files;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The folder to write.")
    private Path out;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            defaultValue = "bpe",
            description = "bpe: byte-level BPE as GPT-2 has it; characters: every character is a token; "
                    + "symbols: everything between spaces is a token.")
    private Kind kind;

    @Option(
            names = "--vocab-size",
            paramLabel = "N",
            defaultValue = "8192",
            description = "Tokens at most, special tokens included; a text may give fewer.")
    private int vocabSize;

    @Option(
            names = "--min-frequency",
            paramLabel = "N",
            defaultValue = "2",
            description = "How often a token must occur to be learned.")
    private int minFrequency;

    @Option(
            names = "--special-token",
            paramLabel = "TOKEN",
            description = "A token with a meaning of its own, never split; may be repeated. "
                    + "By default <|endoftext|>. Only for bpe: the others have <pad> <s> </s> <unk>.")
    private List<String> specialTokens;

    @Override
    public void run() {
        if (specialTokens != null && kind != Kind.BPE) {
            throw new ParameterException(spec.commandLine(), "--special-token needs --kind bpe");
        }
        Tokenizer tokenizer;
        try (Learning progress = new Learning(spec.commandLine().getErr())) {
            tokenizer = train(progress);
        }
        tokenizer.save(out);
        spec.commandLine().getOut().println(out + ": " + tokenizer.vocabSize() + " tokens");
    }

    private Tokenizer train(TrainingProgress progress) {
        List<Stream<String>> open = new ArrayList<>();
        try {
            Stream<String> lines = Stream.empty();
            for (Path file : files) {
                Stream<String> more = TextSource.lines(DataFile.of(file)).rows(List.of("text")).map(row -> row.get(0));
                open.add(more);
                lines = Stream.concat(lines, more);
            }
            return train(lines::iterator, progress);
        } finally {
            open.forEach(Stream::close);
        }
    }

    private Tokenizer train(Iterable<String> texts, TrainingProgress progress) {
        if (kind == Kind.BPE) {
            ByteLevelBpeTrainer.Builder trainer = ByteLevelBpeTrainer.builder()
                    .vocabSize(vocabSize)
                    .minFrequency(minFrequency)
                    .progress(progress);
            if (specialTokens != null) {
                trainer.specialTokens(specialTokens.toArray(String[]::new));
            }
            return trainer.build().train(texts);
        }
        WordLevelTrainer.Builder trainer =
                kind == Kind.CHARACTERS ? WordLevelTrainer.characters() : WordLevelTrainer.symbols();
        return trainer.vocabSize(vocabSize).minFrequency(minFrequency).progress(progress).build().train(texts);
    }

    /** Shows how many tokens are learned; counting the words before takes seconds. */
    private static final class Learning implements TrainingProgress, AutoCloseable {
        private final PrintWriter err;
        private Progress display;

        Learning(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void update(Stage stage, long done, long total) {
            if (stage == Stage.LEARNING) {
                if (display == null) {
                    display = Progress.start("tokens", 0, total, err);
                }
                display.update(done, "");
            }
        }

        @Override
        public void close() {
            if (display != null) {
                display.close();
            }
        }
    }
}
