package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** Which text belongs to which image: how CLIP is pretrained (arXiv:2103.00020). */
public record ImageTextContrast(
        Data data,
        ImageClassification.Augmentation augmentation,
        @Setting("rows of a batch, among which images and texts are sought, >= 2") int batch,
        @Setting("tokens of a text at most, special ones counted; 0 for as many as the model can read") int maxLength)
        implements TrainingTask {

    /** Where rows come from. */
    public record Data(
            @Setting("CSV, TSV, JSONL or Parquet file of images and texts to train on") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the images to train on")
                    @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of paths of images, relative to the folder of the file") String image,
            @Setting("column of the text") String text) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "image-text-contrast";
        }

        @Override
        public TrainingTask defaults() {
            return new ImageTextContrast(new Data(null, null, null, "image", "text"),
                    new ImageClassification.Augmentation(1, false), 32, 0);
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "image-text-contrast");
        named("task.data.train", data.train());
        named("task.data.image", data.image());
        named("task.data.text", data.text());
        atLeast("task.batch", batch, 2);
        atLeast("task.max_length", maxLength, 0);
        if (!(augmentation.crop() > 0 && augmentation.crop() <= 1)) {
            throw new ExperimentException(
                    "task.augmentation.crop: got " + augmentation.crop() + ", allowed in (0, 1]");
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedImageTextContrast(this, start, console);
    }
}
