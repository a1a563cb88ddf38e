package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.ImageFolder;
import org.jformers.data.ImageTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.ContrastiveModel;
import org.jformers.objective.Objective;
import org.jformers.objective.PairContrast;
import org.jformers.task.ImageClassification.Augmentation;
import org.jformers.task.ImageTextContrast.Data;
import org.jformers.tensor.Precision;
import org.jformers.training.report.ReportData;

/** Images with their texts. */
final class PreparedImageTextContrast implements PreparedTask {
    private static final String TEXT = "text";
    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("images found", "%", 2, true), new ReportData.Measure("texts found", "%", 2, true));

    private final ImageTextContrast task;
    private final TextModel base;
    private final ImageModel images;
    private final TextFiles files;
    private final ImageTextRows validation;
    private final ImageTextRows test;
    private final ImageTexts training;
    private final ImageTexts watched;

    PreparedImageTextContrast(ImageTextContrast task, RunStart start, Console console) {
        this.task = task;
        base = TextModel.of(start, Task.CONTRASTIVE);
        images = ImageModel.of(start, Task.CONTRASTIVE);
        RowEncoding encoding = base.encoding(maxLength());
        Data data = task.data();
        files = TextFiles.read(data.train(), data.validation(), data.test(),
                file -> ImageTables.read(file, data.image(), Map.of(data.text(), TEXT)), ImageFolder.IMAGE,
                start.experiment().seed(), console);
        files.tables().forEach(ImageTables::requireImages);
        ImageTextRows rows = rows(files.training(), encoding);
        validation = rows(files.validation(), encoding);
        test = files.test() == files.validation() ? validation : rows(files.test(), encoding);
        TextFigures.lengths(
                console, rows.texts().size(), rows.texts()::length, rows.texts().truncated(), encoding.maxLength());
        console.say(String.format(Locale.ROOT, "%,d images with %,d texts to train on, %,d with %,d to validate on",
                rows.images().size(), rows.texts().size(), validation.images().size(), validation.texts().size()));
        if (rows.images().size() < 2 || rows.texts().size() < 2) {
            throw new ExperimentException("task.data.train: got rows of one image or one text, allowed two of both or"
                    + " more, in " + data.train());
        }
        training = rows.batched(task.augmentation());
        watched = validation.batched(new Augmentation(1, false));
    }

    /** The stack of texts has places for so many. */
    private int maxLength() {
        ContrastiveModel.Spec spec = (ContrastiveModel.Spec) AutoModel.spec(base.config(), Task.CONTRASTIVE);
        OptionalInt places = spec.text().body().input().room();
        if (places.isEmpty()) {
            return task.maxLength();
        }
        if (task.maxLength() > places.getAsInt()) {
            throw new ExperimentException("task.max_length: got " + task.maxLength() + ", allowed up to "
                    + places.getAsInt() + ", which the model can read");
        }
        OptionalInt said = base.tokenizer().maxLength();
        return task.maxLength() > 0 ? task.maxLength()
                : Math.min(places.getAsInt(), said.orElse(places.getAsInt()));
    }

    private ImageTextRows rows(Table table, RowEncoding encoding) {
        return ImageTextRows.of(table, TEXT, encoding, images.processor(), images.size(), task.batch());
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return watched.evaluationBatches();
    }

    @Override
    public Model model() {
        return base.start().load(LoadRequest.of(Task.CONTRASTIVE));
    }

    @Override
    public Objective objective(Model model) {
        return new PairContrast(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        ContrastiveModel pairs = (ContrastiveModel) model;
        ImageTextRows.Recall recall = validation.recall(pairs, precision);
        figures.put("images_found", recall.images());
        figures.put("texts_found", recall.texts());
        figures.put("scale", pairs.scale());
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        base.complete(modelFolder);
        images.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        ImageTextRows.Recall after;
        List<ReportData.Result> results = new ArrayList<>();
        try (Model model = AutoModel.load(modelFolder)) {
            after = test.recall((ContrastiveModel) model, Precision.FLOAT32);
            results.add(new ReportData.Result("this model", "", percent(after)));
        }
        base.start().before(this::model, model -> percent(test.recall((ContrastiveModel) model, Precision.FLOAT32)))
                .ifPresent(results::add);
        ImageTextRows.Recall chance =
                new ImageTextRows.Recall(1.0 / test.images().size(), 1.0 / test.texts().size());
        results.add(new ReportData.Result("chance", "any of them, if each belongs to one", percent(chance)));
        return new Outcome(
                String.format(Locale.ROOT, "of %,d %s images %.2f %% found by a text, of %,d texts %.2f %% by an image",
                        test.images().size(), files.measured(), 100 * after.images(), test.texts().size(),
                        100 * after.texts()),
                MEASURES, results, List.of(), List.of());
    }

    private static List<Double> percent(ImageTextRows.Recall recall) {
        return List.of(100 * recall.images(), 100 * recall.texts());
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Say which text fits an image", "./jformers run zero-shot-image-classification"
                + " --model " + Shell.quoted(modelFolder.toString()) + " --candidate-labels \"a cat,a dog\" "
                + Shell.quoted(files.test().column(ImageFolder.IMAGE).get(0)));
    }

    @Override
    public String unit() {
        return "pairs";
    }

    @Override
    public String pipelineTag() {
        return "zero-shot-image-classification";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
