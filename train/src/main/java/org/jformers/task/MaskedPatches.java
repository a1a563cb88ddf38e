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
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Hidden patches of images: how masked autoencoders (arXiv:2111.06377) and encoders with a mask token (SimMIM,
 * arXiv:2111.09886) are pretrained. What kind it is follows from the model.
 */
public record MaskedPatches(
        Data data,
        Augmentation augmentation,
        @Setting("images of a batch, >= 1") int batch,
        @Setting("share of an image that is hidden, in (0, 1); 0 for mask_ratio of a masked autoencoder's"
                + " configuration, 0.6 of all others")
                double maskShare,
        @Setting("side, in pixels, of the squares that are hidden or not; a masked autoencoder's are its patches; 0 for"
                + " those, 32 of all others")
                int cell)
        implements TrainingTask {

    /** Where images come from. */
    public record Data(
            @Setting("folder of images, with folders in it or without, or a CSV, TSV, JSONL or Parquet file of paths")
                    @Nullable String train,
            @Setting("the same to watch the run on; null for a tenth of the images to train on")
                    @Nullable String validation,
            @Setting("the same to measure the result on; null for the images to watch the run on")
                    @Nullable String test,
            @Setting("of files, the column of paths, relative to the folder of the file") String image) {}

    /** How images to train on are changed each time. */
    public record Augmentation(
            @Setting("smallest share of an image that is cut out at random and stretched to the model's size, in"
                    + " (0, 1]; 1 for all of it; 0 for 0.2 of masked autoencoders, 0.67 of all others")
                    double crop,
            @Setting("whether half of the images are mirrored, left to right") boolean flip) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "masked-patches";
        }

        @Override
        public TrainingTask defaults() {
            return new MaskedPatches(new Data(null, null, null, "image"), new Augmentation(0, true), 32, 0, 0);
        }
    }

    @Override
    public void check(Experiment experiment) {
        named("task.data.train", data.train());
        named("task.data.image", data.image());
        atLeast("task.batch", batch, 1);
        atLeast("task.cell", cell, 0);
        if (!(augmentation.crop() >= 0 && augmentation.crop() <= 1)) {
            throw new ExperimentException(
                    "task.augmentation.crop: got " + augmentation.crop() + ", allowed 0 to 1");
        }
        if (!(maskShare >= 0 && maskShare < 1)) {
            throw new ExperimentException("task.mask_share: got " + maskShare + ", allowed 0 up to below 1");
        }
        if (experiment.model().from() == null) {
            ImageModel.size(experiment.model().config());
            AutoModel.check(AutoConfig.parse(experiment.model().config(), "experiment " + experiment.name()),
                    PreparedMaskedPatches.task(AutoConfig.parse(experiment.model().config(), "model.config")));
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedMaskedPatches(this, start, console);
    }
}
