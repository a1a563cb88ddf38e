package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.PairBatching;
import org.jformers.data.SequencePairs;
import org.jformers.data.Table;
import org.jformers.data.TokenSequences;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.objective.Objective;
import org.jformers.pipeline.Translation;
import org.jformers.task.SequenceToSequence.Batches;
import org.jformers.task.SequenceToSequence.Vocabulary;
import org.jformers.task.SequenceToSequence.Vocabulary.Kind;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.text.training.WordLevelTrainer;
import org.jformers.training.report.ReportData;

/** Pronunciation, translation and the like: one text in, another one out, over one vocabulary. */
final class PreparedSequenceToSequence implements PreparedTask {
    /** What every vocabulary begins with. */
    static final List<String> SPECIAL_TOKENS = List.of("<pad>", "<s>", "</s>", "<unk>");

    private final SequenceToSequence task;
    private final RunStart start;
    private final HeldOut rows;
    private final Tokenizer source;
    private final Tokenizer target;
    private final SequencePairs training;
    private final SequencePairs validation;

    PreparedSequenceToSequence(SequenceToSequence task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        rows = HeldOut.pairs(task.data(), start.experiment().seed());
        console.say(rows.toString());
        Vocabulary settings = task.tokenizer();
        if (settings.source() == Kind.BYTE_BPE && settings.target() == Kind.BYTE_BPE) {
            source = joint(settings.vocabSize());
            target = source;
        } else {
            Set<String> vocabulary = symbols(target(rows.training()), settings.target());
            vocabulary.addAll(symbols(source(rows.training()), settings.source()));
            source = wordLevel(settings.source()).of(vocabulary);
            target = wordLevel(settings.target()).of(vocabulary);
        }
        Checks.room(TokenSequences.encode(source(rows.test()), source), start.experiment().model().config());
        training = pairs(rows.training());
        validation = pairs(rows.validation());
        console.say(String.format("vocabulary of %,d tokens; %,d pairs to train on, %,d too long; %,d to validate on,"
                        + " %,d too long; %,d held out, all measured",
                source.vocabSize(), training.size(), training.dropped(), validation.size(), validation.dropped(),
                rows.test().size()));
    }

    private List<String> source(Table table) {
        return table.column(task.data().sourceColumn());
    }

    private List<String> target(Table table) {
        return table.column(task.data().targetColumn());
    }

    private Tokenizer joint(int vocabSize) {
        List<String> texts = new ArrayList<>(source(rows.training()));
        texts.addAll(target(rows.training()));
        return ByteLevelBpeTrainer.builder()
                .vocabSize(vocabSize)
                .specialTokens(SPECIAL_TOKENS.toArray(String[]::new))
                .surroundWith("<s>", "</s>")
                .build()
                .train(texts);
    }

    private static WordLevelTrainer wordLevel(Kind kind) {
        return switch (kind) {
            case CHARACTERS -> WordLevelTrainer.characters().build();
            case SYMBOLS -> WordLevelTrainer.symbols().build();
            case BYTE_BPE -> throw new ExperimentException(
                    "tokenizer: got byte_bpe on one side only, allowed on both sides, which share their vocabulary");
        };
    }

    /** The symbols of a column, the most frequent first. */
    private static Set<String> symbols(List<String> texts, Kind kind) {
        Tokenizer counted = wordLevel(kind).train(texts);
        Set<String> symbols = new LinkedHashSet<>();
        for (int id = SPECIAL_TOKENS.size(); id < counted.vocabSize(); id++) {
            symbols.add(counted.token(id));
        }
        return symbols;
    }

    private SequencePairs pairs(Table table) {
        Batches batches = task.batches();
        return new SequencePairs(
                TokenSequences.encode(source(table), source),
                TokenSequences.of(target(table), this::targetIds),
                id("<pad>"), id("<s>"),
                new PairBatching(batches.tokens(), batches.tokens(), batches.maxSourceLength(),
                        batches.maxTargetLength(), batches.pool()));
    }

    /** The target ends with its end token; its start token is put before it when batches are made. */
    private int[] targetIds(String text) {
        Encoding encoding = target.encode(text);
        return java.util.Arrays.copyOfRange(encoding.ids(), 1, encoding.length());
    }

    private int id(String token) {
        return source.id(token).orElseThrow();
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    @Override
    public Model model() {
        ObjectNode config = VocabularyKeys.sequenceToSequence(
                start.experiment().model().config(), source.vocabSize(), id("<pad>"), id("<s>"), id("</s>"));
        return start.create(config, Task.SEQ2SEQ_LM);
    }

    @Override
    public Objective objective(Model model) {
        return new org.jformers.objective.SequenceToSequence(model);
    }

    @Override
    public void complete(Path modelFolder) {
        source.save(modelFolder);
        if (target != source) {
            target.save(modelFolder.resolve(Translation.TARGET_FOLDER));
        }
        GenerationConfig.builder()
                .maxNewTokens(task.batches().maxTargetLength())
                .numBeams(task.evaluation().beams())
                .lengthPenalty(task.evaluation().lengthPenalty())
                .padTokenId(id("<pad>"))
                .bosTokenId(id("<s>"))
                .decoderStartTokenId(id("<s>"))
                .eosTokenId(id("</s>"))
                .build()
                .save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        return new SequenceToSequenceEvaluation(task, rows).run(modelFolder);
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        String example = rows.test().column(task.data().sourceColumn()).get(0);
        return new ReportData.Command("Use the model and see where it looked",
                "./jformers translate --model " + Shell.quoted(modelFolder.toString()) + " " + Shell.quoted(example)
                        + " --plot attention.svg");
    }

    @Override
    public String pipelineTag() {
        return "text2text-generation";
    }

    @Override
    public String dataset() {
        SequenceToSequence.Data data = task.data();
        return Path.of(data.isParallel() ? data.dir() : data.source()).getFileName().toString();
    }
}
