package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import java.util.List;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.model.Task;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** A class for an image. */
public record ImageClassification(
        Data data,
        Augmentation augmentation,
        @Setting("images of a batch, >= 1") int batch,
        @Setting("null; balanced, by how rare a class is; or weights such as cat=2,dog=1")
                @Nullable String classWeights,
        @Setting("the figure of the result and of the best checkpoint: accuracy, f1 (macro) or matthews")
                TextClassification.Measure measure,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where images come from. */
    public record Data(
            @Setting("folder with a folder of images for each class, or a CSV, TSV, JSONL or Parquet file of paths")
                    @Nullable String train,
            @Setting("the same to watch the run on; null for a tenth of the images to train on")
                    @Nullable String validation,
            @Setting("the same to measure the result on; null for the images to watch the run on")
                    @Nullable String test,
            @Setting("of files, the column of paths, relative to the folder of the file") String image,
            @Setting("of files, the column of the label") String label) {}

    /** How images to train on are changed each time. */
    public record Augmentation(
            @Setting("smallest share of an image that is cut out at random and stretched to the model's size, in"
                    + " (0, 1]; 1 for all of it")
                    double crop,
            @Setting("whether half of the images are mirrored, left to right") boolean flip) {}

    /** How the result is shown. */
    public record Evaluation(@Setting("worst examples in the report") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "image-classification";
        }

        @Override
        public TrainingTask defaults() {
            return new ImageClassification(new Data(null, null, null, "image", "label"), new Augmentation(1, false), 32,
                    null, TextClassification.Measure.ACCURACY, new Evaluation(20));
        }
    }

    @Override
    public void check(Experiment experiment) {
        named("task.data.train", data.train());
        named("task.data.image", data.image());
        named("task.data.label", data.label());
        atLeast("task.batch", batch, 1);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
        if (!(augmentation.crop() > 0 && augmentation.crop() <= 1)) {
            throw new ExperimentException(
                    "task.augmentation.crop: got " + augmentation.crop() + ", allowed in (0, 1]");
        }
        if (experiment.model().from() == null) {
            ImageModel.size(experiment.model().config());
            Checks.model(experiment, ImageModel.labelled(experiment.model().config(), List.of("0", "1")),
                    Task.IMAGE_CLASSIFICATION);
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedImageClassification(this, start, console);
    }
}
