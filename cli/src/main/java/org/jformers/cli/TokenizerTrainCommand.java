package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;
import org.jformers.data.TextSource;
import org.jformers.hub.HubContents;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.text.training.CharBpeTrainer;
import org.jformers.text.training.LikeTrainer;
import org.jformers.text.training.TrainerBuilder;
import org.jformers.text.training.TrainingProgress;
import org.jformers.text.training.UnigramTrainer;
import org.jformers.text.training.WordLevelTrainer;
import org.jformers.text.training.WordPieceTrainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers tokenizer train}: text files in, tokenizer folder out. */
@Command(
        name = "train",
        description =
                "Train a tokenizer on the lines of text files, or on columns of tables, and write its folder.")
final class TokenizerTrainCommand implements Runnable {

    /** What the tokens are. */
    enum Kind {
        /** Pieces of words, learned from bytes, as GPT-2 has them. */
        BPE,
        /** Pieces of words, learned from characters, the end of a word marked, as the first GPT has them. */
        CHAR_BPE,
        /** Pieces of words as BERT has them. */
        WORDPIECE,
        /** Pieces with probabilities, as sentencepiece has them. */
        UNIGRAM,
        /** Every character. */
        CHARACTERS,
        /** Everything between spaces. */
        SYMBOLS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Text files in UTF-8, or tables with --column; may be compressed with gzip.")
    private List<Path> files;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The folder to write.")
    private Path out;

    @Option(
            names = "--column",
            paramLabel = "NAME",
            description = "Read this column of .csv, .tsv, .jsonl or .parquet files; may be repeated.")
    private List<String> columns = List.of();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            defaultValue = "bpe",
            description =
                    "bpe: byte-level BPE as GPT-2 has it; char-bpe: BPE on characters; wordpiece: as BERT has it; "
                    + "unigram: as sentencepiece has it; characters: every character is a token; "
                    + "symbols: everything between spaces is a token.")
    private Kind kind;

    @Option(
            names = "--like",
            paramLabel = "DIR|ID",
            description = "Instead of a kind: train the kind of this tokenizer, with its clean-up, words, template and "
                    + "special tokens, by default as many tokens as it has.")
    private Optional<String> like;

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
            description =
                    "How often a token must occur to be learned; with --like by default any number. Not for unigram.")
    private int minFrequency;

    @Option(
            names = "--special-token",
            paramLabel = "TOKEN",
            description = "A token with a meaning of its own, never split; may be repeated. "
                    + "With --like after those it has, otherwise in place of those of the kind.")
    private List<String> specialTokens = List.of();

    @Override
    public void run() {
        if (like.isPresent() && given("--kind")) {
            throw new ParameterException(spec.commandLine(), "expected --like or --kind, got both");
        }
        if (like.isEmpty() && kind == Kind.UNIGRAM && given("--min-frequency")) {
            throw new ParameterException(spec.commandLine(), "--min-frequency is not for --kind unigram");
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
                Stream<String> more = columns.isEmpty()
                        ? TextSource.lines(DataFile.of(file)).rows(List.of("text")).map(row -> row.get(0))
                        : DataSource.of(file).rows(columns).flatMap(List::stream);
                open.add(more);
                lines = Stream.concat(lines, more);
            }
            return train(lines::iterator, progress);
        } finally {
            open.forEach(Stream::close);
        }
    }

    private Tokenizer train(Iterable<String> texts, TrainingProgress progress) {
        if (like.isPresent()) {
            return trainLike(like.get(), texts, progress);
        }
        return switch (kind) {
            case BPE -> set(ByteLevelBpeTrainer.builder(), progress).minFrequency(minFrequency).build().train(texts);
            case CHAR_BPE -> set(CharBpeTrainer.builder(), progress).minFrequency(minFrequency).build().train(texts);
            case WORDPIECE -> set(WordPieceTrainer.builder(), progress).minFrequency(minFrequency).build().train(texts);
            case UNIGRAM -> set(UnigramTrainer.builder(), progress).build().train(texts);
            case CHARACTERS ->
                set(WordLevelTrainer.characters(), progress).minFrequency(minFrequency).build().train(texts);
            case SYMBOLS -> set(WordLevelTrainer.symbols(), progress).minFrequency(minFrequency).build().train(texts);
        };
    }

    private <B extends TrainerBuilder<B>> B set(B trainer, TrainingProgress progress) {
        if (!specialTokens.isEmpty()) {
            trainer.specialTokens(specialTokens.toArray(String[]::new));
        }
        return trainer.vocabSize(vocabSize).progress(progress);
    }

    private Tokenizer trainLike(String model, Iterable<String> texts, TrainingProgress progress) {
        LikeTrainer.Builder trainer = LikeTrainer.builder(
                AutoTokenizer.load(ModelArgument.folder(model, HubContents.TOKENIZER, spec)));
        if (given("--vocab-size")) {
            trainer.vocabSize(vocabSize);
        }
        if (given("--min-frequency")) {
            trainer.minFrequency(minFrequency);
        }
        return trainer.specialTokens(specialTokens.toArray(String[]::new)).progress(progress).build().train(texts);
    }

    private boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Shows how many tokens are learned; counting the words before takes seconds. */
    private static final class Learning implements TrainingProgress, AutoCloseable {
        private final PrintWriter err;
        private @Nullable Progress display;

        Learning(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void update(Stage stage, long done, long total) {
            if (stage == Stage.LEARNING) {
                if (display == null) {
                    display = Progress.startUnsaved("tokens", total, err);
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
