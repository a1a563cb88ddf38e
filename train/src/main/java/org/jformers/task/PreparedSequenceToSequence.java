package org.jformers.task;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.PairBatching;
import org.jformers.data.SequencePairs;
import org.jformers.data.Table;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.objective.Objective;
import org.jformers.pipeline.Translation;
import org.jformers.task.SequenceToSequence.Batches;
import org.jformers.tensor.Precision;
import org.jformers.training.report.ReportData;

/** Pairs of texts, of which one is written for the other. */
final class PreparedSequenceToSequence implements PreparedTask {
    private final SequenceToSequence task;
    private final HeldOut rows;
    private final PairTokens tokens;
    private final SequencePairs training;
    private final SequencePairs validation;

    PreparedSequenceToSequence(SequenceToSequence task, RunStart start, Console console) {
        this.task = task;
        // What does not fit the model shows before the data is read.
        Optional<PairTokens> folder = start.folder().map(path -> new FolderPairs(task, start));
        rows = HeldOut.pairs(task.data(), start.experiment().seed());
        console.say(rows.toString());
        tokens = folder.orElseGet(() -> new NewPairs(task, task.tokenizer().orElseThrow(), start,
                source(rows.training()), target(rows.training())));
        requireRoom();
        training = pairs(rows.training());
        validation = pairs(rows.validation());
        console.say(String.format("vocabulary of %,d tokens; %,d pairs to train on, %,d too long; %,d to validate on,"
                        + " %,d too long; %,d held out, all measured",
                tokens.source().vocabSize(), training.size(), training.dropped(), validation.size(),
                validation.dropped(), rows.test().size()));
    }

    private List<String> source(Table table) {
        return table.column(task.data().sourceColumn());
    }

    private List<String> target(Table table) {
        return table.column(task.data().targetColumn());
    }

    private SequencePairs pairs(Table table) {
        Batches batches = task.batches();
        int examples = task.batch() == 0 ? batches.tokens() : task.batch();
        return tokens.pairs(source(table), target(table), new PairBatching(
                batches.tokens(), examples, batches.maxSourceLength(), batches.maxTargetLength(), batches.pool()));
    }

    /** Held-out sources are all written for, however long; training leaves long ones out. */
    private void requireRoom() {
        OptionalInt room = tokens.sourceRoom();
        List<String> sources = source(rows.test());
        for (int i = 0; i < sources.size() && room.isPresent(); i++) {
            int length = tokens.sourceIds(sources.get(i)).length;
            if (length > room.getAsInt()) {
                throw new ExperimentException(rows.test().row(i) + ": got a held-out source of " + length
                        + " tokens, allowed up to " + room.getAsInt() + ", which the model can read");
            }
        }
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
        return tokens.model();
    }

    @Override
    public Objective objective(Model model) {
        return new org.jformers.objective.SequenceToSequence(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        int written = Math.min(task.evaluation().generatedRows(), rows.validation().size());
        if (written > 0) {
            Table some = rows.validation().select(IntStream.range(0, written).toArray());
            figures.put(measure(), new WrittenTexts(source(some), target(some), written(model, source(some)))
                    .figure(task.evaluation().measure()));
        }
        return figures;
    }

    private List<String> written(Model model, List<String> sources) {
        boolean trains = model.network().training();
        model.network().train(false);
        try {
            GenerationConfig greedy = tokens.generation().with().numBeams(1).build();
            return WrittenTexts.write(new Translation(model, tokens.source(), tokens.target(), greedy), sources,
                    tokens.prefix());
        } finally {
            model.network().train(trains);
        }
    }

    private String measure() {
        return task.evaluation().measure().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Criterion criterion() {
        return task.evaluation().generatedRows() == 0
                ? PreparedTask.super.criterion()
                : new Criterion(measure(), WrittenTexts.higherIsBetter(task.evaluation().measure()));
    }

    @Override
    public void complete(Path modelFolder) {
        tokens.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        return new SequenceToSequenceEvaluation(task, rows, tokens.prefix()).run(modelFolder);
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        String example = tokens.prefix() + source(rows.test()).get(0);
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
        return Path.of(data.isParallel() ? data.dir() : data.train()).getFileName().toString();
    }
}
