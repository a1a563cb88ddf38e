package org.jformers.task;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.jformers.data.Draw;
import org.jformers.data.LabelledImages;
import org.jformers.model.Extent;
import org.jformers.task.ImageClassification.Augmentation;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;
import org.jformers.vision.ImageProcessor.Region;

/**
 * The values of image files as a model reads them, read anew each time.
 *
 * @param files the images
 * @param processor brings them to size and scale
 * @param size what all of them get
 * @param augmentation how each is changed before, by random numbers of its place in the run
 */
record ImagePixels(List<Path> files, ImageProcessor processor, Extent size, Augmentation augmentation)
        implements LabelledImages.Pixels {
    private static final int TRIES = 10;
    private static final double NARROWEST = 3.0 / 4;
    private static final double WIDEST = 4.0 / 3;

    /** Which of the numbers of an image decide what; a try to cut takes two. */
    private static final int TOP = 2 * TRIES;
    private static final int LEFT = TOP + 1;
    private static final int FLIP = TOP + 2;

    @Override
    public float[] of(int example, Draw draw) {
        BufferedImage image = ImageFile.read(files.get(example));
        float[] values = augmentation.crop() < 1
                ? processor.values(image, region(image, example, draw), size)
                : processor.values(image);
        return augmentation.flip() && draw.uniform(example, FLIP) < 0.5 ? mirrored(values) : values;
    }

    /**
     * A part of random area and proportions; the middle if none of some tries fits. Source: arXiv:1409.4842, 6, as
     * torchvision's {@code RandomResizedCrop} does it.
     */
    private Region region(BufferedImage image, int example, Draw draw) {
        int height = image.getHeight();
        int width = image.getWidth();
        for (int i = 0; i < TRIES; i++) {
            double share = augmentation.crop() + (1 - augmentation.crop()) * draw.uniform(example, 2L * i);
            double ratio = NARROWEST * Math.pow(WIDEST / NARROWEST, draw.uniform(example, 2L * i + 1));
            int wide = (int) Math.rint(Math.sqrt(share * height * width * ratio));
            int high = (int) Math.rint(Math.sqrt(share * height * width / ratio));
            if (wide >= 1 && wide <= width && high >= 1 && high <= height) {
                return new Region(draw.below(height - high + 1, example, TOP),
                        draw.below(width - wide + 1, example, LEFT), high, wide);
            }
        }
        double ratio = (double) width / height;
        int wide = ratio > WIDEST ? (int) Math.rint(height * WIDEST) : width;
        int high = ratio < NARROWEST ? (int) Math.rint(width / NARROWEST) : height;
        return new Region((height - high) / 2, (width - wide) / 2, high, wide);
    }

    private float[] mirrored(float[] values) {
        float[] turned = new float[values.length];
        int width = size.width();
        for (int at = 0; at < values.length; at++) {
            turned[at - at % width + width - 1 - at % width] = values[at];
        }
        return turned;
    }
}
