package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.audio.FeatureExtractor;
import org.jformers.audio.WaveformExtractor;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataSource;
import org.jformers.data.Table;
import org.jformers.data.TranscribedSounds;
import org.jformers.evaluation.metric.ErrorRate;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.head.CtcHead;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.objective.Transcription;
import org.jformers.task.SpeechRecognition.Data;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Recordings with what is said in them. */
final class PreparedSpeechRecognition implements PreparedTask {
    private static final String SOUND = "sound";
    private static final String TEXT = "text";
    private static final String WER = "wer";
    private static final String CER = "cer";
    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("word error rate", "%", 2, false),
            new ReportData.Measure("character error rate", "%", 2, false),
            new ReportData.Measure("loss", "", 4, false));

    private final SpeechRecognition task;
    private final TextModel base;
    private final Console console;
    private final WaveformExtractor extractor;
    private final CtcHead.Spec head;
    private final TextFiles files;
    private final SoundRows validation;
    private final SoundRows test;
    private final TranscribedSounds training;

    PreparedSpeechRecognition(SpeechRecognition task, RunStart start, Console console) {
        this.task = task;
        this.console = console;
        base = TextModel.of(start, Task.CTC);
        if (!(FeatureExtractor.load(start.folder().orElseThrow()) instanceof WaveformExtractor waves)) {
            throw new ExperimentException("feature extractor: got one of spectrograms, allowed one of waveforms");
        }
        extractor = waves;
        head = Transcription.head(AutoModel.spec(base.config(), Task.CTC), "a model with an adapter");
        if (base.tokenizer().vocabSize() > head.vocabulary()) {
            throw new ExperimentException("tokenizer: got " + base.tokenizer().vocabSize()
                    + " tokens for a head of " + head.vocabulary() + ", allowed up to as many");
        }
        Data data = task.data();
        files = TextFiles.read(data.train(), data.validation(), data.test(), this::table, SOUND,
                start.experiment().seed(), console);
        SoundRows rows = rows(files.training(), "training");
        validation = rows(files.validation(), "validation");
        test = files.test() == files.validation() ? validation : rows(files.test(), "test");
        training = rows.batched(task.batch());
        int[] sorted = Arrays.stream(rows.lengths()).sorted().toArray();
        console.say(String.format(Locale.ROOT, "recordings of %.2f to %.2f seconds, half of them up to %.2f",
                seconds(sorted[0]), seconds(sorted[sorted.length - 1]), seconds(sorted[sorted.length / 2])));
    }

    private double seconds(int samples) {
        return (double) samples / extractor.samplingRate();
    }

    /** The recordings as absolute paths, whatever the columns are called. */
    private Table table(Path source) {
        Data data = task.data();
        Table read = Table.read(DataSource.of(source), data.sound(), data.text());
        Path file = source.toAbsolutePath();
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put(SOUND,
                read.column(data.sound()).stream().map(path -> file.resolveSibling(path).toString()).toList());
        columns.put(TEXT, read.column(data.text()));
        return new Table(read.name(), columns, read.rows(), read.blanks());
    }

    private SoundRows rows(Table table, String what) {
        SoundRows rows = SoundRows.of(table, SOUND, TEXT, extractor, base.tokenizer(), head.frames());
        if (rows.tooShort() > 0) {
            console.say(String.format(Locale.ROOT,
                    "left out of the %s rows: %,d whose recording has fewer frames than its text needs", what,
                    rows.tooShort()));
        }
        if (rows.unknown() > 0) {
            console.say(String.format(Locale.ROOT,
                    "warning: %,d of the %s texts have characters that the vocabulary lacks", rows.unknown(), what));
        }
        if (rows.size() == 0) {
            throw new ExperimentException("task.data: got no " + what
                    + " row whose recording is long enough for its text, allowed one or more, in " + table.name());
        }
        return rows;
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.measured(task.batch()).evaluationBatches();
    }

    @Override
    public Model model() {
        return base.start().load(LoadRequest.of(Task.CTC).withMode(LoadMode.NEW_HEAD));
    }

    @Override
    public Objective objective(Model model) {
        return new Transcription(model);
    }

    /** What a model hears in each recording, by the likeliest token of each frame. */
    private List<String> heard(Model model, SoundRows rows, Precision precision) {
        String[] heard = new String[rows.size()];
        Scores.each(model, rows.measured(task.batch()), precision, scores -> {
            int frames = scores.logits().length / scores.classes() / scores.examples().length;
            for (int row = 0; row < scores.examples().length; row++) {
                int example = scores.examples()[row];
                int first = row * frames;
                int own = (int) Math.min(frames, head.frames().frames(rows.lengths()[example]));
                heard[example] = base.tokenizer().transcript(
                        IntStream.range(first, first + own).map(scores::best).toArray()).text();
            }
        });
        return List.of(heard);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        List<String> heard = heard(model, validation, precision);
        figures.put(WER, ErrorRate.words(heard, validation.texts()).rate());
        figures.put(CER, ErrorRate.characters(heard, validation.texts()).rate());
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(WER, false);
    }

    @Override
    public void complete(Path modelFolder) {
        base.complete(modelFolder);
        ImageModel.copyProcessor(base.start().folder().orElseThrow(), modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        try (Model model = AutoModel.load(modelFolder)) {
            List<String> heard = heard(model, test, Precision.FLOAT32);
            ErrorRate words = ErrorRate.words(heard, test.texts());
            ErrorRate characters = ErrorRate.characters(heard, test.texts());
            double loss = MetricRow.figure(measure(model, Precision.FLOAT32,
                    test.measured(task.batch()).evaluationBatches()), MetricRow.LOSS);
            List<ReportData.Sample> samples = new ArrayList<>();
            for (int row = 0; row < Math.min(task.evaluation().samples(), test.size()); row++) {
                samples.add(new ReportData.Sample(
                        test.files().get(row).toString(), test.texts().get(row), heard.get(row)));
            }
            return new Outcome(
                    String.format(Locale.ROOT, "word error rate %.2f %%, character error rate %.2f %%, of %,d %s"
                            + " recordings", 100 * words.rate(), 100 * characters.rate(), test.size(),
                            files.measured()),
                    MEASURES,
                    List.of(new ReportData.Result("this model", "",
                            List.of(100 * words.rate(), 100 * characters.rate(), loss))),
                    samples, List.of());
        }
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Say what a recording says", "./jformers run automatic-speech-recognition"
                + " --model " + Shell.quoted(modelFolder.toString()) + " "
                + Shell.quoted(test.files().get(0).toString()));
    }

    @Override
    public String unit() {
        return "recordings";
    }

    @Override
    public String pipelineTag() {
        return "automatic-speech-recognition";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
