package org.jformers.vision;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.Extent;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * Makes a model's input of images, as {@code preprocessor_config.json} says: another size, the middle, the values
 * brought to a common scale. Reference: transformers 5.18, the image processors that use Pillow.
 *
 * @param resize the new size, if images get one
 * @param crop size of the middle that is kept, if not all is; what is missing there is black
 * @param factor on the values [0, 255]
 * @param mean taken from each channel behind that
 * @param deviation by which each channel is divided then
 */
public record ImageProcessor(
        Optional<Resize> resize, Optional<Extent> crop, double factor, List<Double> mean, List<Double> deviation) {
    /** Longest side of what an image is resized or cut to, in pixels. */
    public static final int LONGEST_SIDE = 4096;

    /** Most pixels of an image, as it comes and as it is resized. */
    public static final int MOST_PIXELS = 64_000_000;

    /**
     * A new size.
     *
     * @param extent height and width, or
     * @param shortest the length of the shorter side, the other in proportion, or
     * @param within height and width that are not exceeded, in proportion: one of the three is there
     * @param longest with {@code shortest}, what the longer side does not exceed
     * @param resampling a kind of {@code resample} in configs: 0 to 5
     */
    public record Resize(
            Optional<Extent> extent, Optional<Integer> shortest, Optional<Extent> within, Optional<Integer> longest,
            int resampling) {
        public Resize {
            ImageResampling.of(resampling);
            long kinds = Stream.of(extent, shortest, within).filter(Optional::isPresent).count();
            if (kinds != 1 || longest.isPresent() && shortest.isEmpty()) {
                throw new ConfigException("size: got height and width " + extent + ", shortest edge " + shortest
                        + ", longest edge " + longest + ", largest height and width " + within + ", allowed one of"
                        + " them, the longest edge beside the shortest");
            }
        }

        /** To a height and a width. */
        public static Resize to(Extent extent, int resampling) {
            return new Resize(Optional.of(extent), Optional.empty(), Optional.empty(), Optional.empty(), resampling);
        }

        /** To a length of the shorter side. */
        public static Resize shortest(int side, int resampling) {
            return new Resize(Optional.empty(), Optional.of(side), Optional.empty(), Optional.empty(), resampling);
        }

        /** To the largest size within a height and a width. */
        public static Resize within(Extent most, int resampling) {
            return new Resize(Optional.empty(), Optional.empty(), Optional.of(most), Optional.empty(), resampling);
        }

        /** The same, the longer side no longer than this. */
        public Resize withLongest(int side) {
            return new Resize(extent, shortest, within, Optional.of(side), resampling);
        }

        private Extent of(int height, int width) {
            if (extent.isPresent()) {
                return extent.get();
            }
            if (within.isPresent()) {
                double scale = Math.min(
                        (double) within.get().height() / height, (double) within.get().width() / width);
                return new Extent((int) (height * scale), (int) (width * scale));
            }
            int side = shortest.orElseThrow();
            double exact = side;
            double ratio = (double) Math.max(height, width) / Math.min(height, width);
            if (longest.isPresent() && ratio * side > longest.get()) {
                exact = (double) longest.get() * Math.min(height, width) / Math.max(height, width);
                side = (int) Math.rint(exact);
            }
            boolean stays = longest.isPresent() && Math.min(height, width) == side;
            if (stays) {
                return new Extent(height, width);
            }
            return height < width
                    ? new Extent(side, (int) (exact * width / height))
                    : new Extent((int) (exact * height / width), side);
        }
    }

    /**
     * A part of an image, in pixels.
     *
     * @param top rows above it
     * @param left columns to the left of it
     */
    public record Region(int top, int left, int height, int width) {}

    public ImageProcessor {
        if (mean.size() != 3 || deviation.size() != 3 || deviation.stream().anyMatch(value -> value == 0)) {
            throw new ConfigException("image processor: got image_mean " + mean + " and image_std " + deviation
                    + ", allowed three numbers each, no deviation 0");
        }
    }

    /**
     * Reads the settings of a model folder: {@code processor_config.json} or {@code preprocessor_config.json}. Where
     * they name no class, the model type of {@code config.json} decides.
     *
     * @throws ConfigException if there are none, or some that are not supported
     */
    public static ImageProcessor load(Path folder) {
        return ImageProcessorJson.load(folder);
    }

    /**
     * Takes settings as they are in {@code preprocessor_config.json}.
     *
     * @param where named in errors
     * @throws ConfigException if some are not supported
     */
    public static ImageProcessor parse(JsonNode settings, String where) {
        return ImageProcessorJson.parse(settings, "", where);
    }

    /**
     * Makes the input {@code pixel_values} of images.
     *
     * @throws ShapeException if they do not all become equally large
     */
    public ModelInputs inputs(List<BufferedImage> images) {
        return ModelInputs.of(Map.of("pixel_values", pixels(images)));
    }

    /** Images to float32 [images, 3, height, width]. */
    Tensor pixels(List<BufferedImage> images) {
        if (images.isEmpty()) {
            throw new ShapeException("images: got none, allowed at least one");
        }
        Extent first = size(images.get(0));
        long count = 3L * images.size() * first.height() * first.width();
        if (count > Integer.MAX_VALUE) {
            throw new ShapeException("images: got " + images.size() + " of " + first + ", allowed fewer at once");
        }
        float[] values = new float[(int) count];
        for (int i = 0; i < images.size(); i++) {
            if (!size(images.get(i)).equals(first)) {
                throw new ShapeException("images: got " + size(images.get(i)) + " behind " + first
                        + ", allowed images of one size where nothing makes them equal");
            }
            fill(images.get(i), values, i * 3 * first.height() * first.width());
        }
        return Tensors.ofFloats(values, images.size(), 3, first.height(), first.width());
    }

    /** The size in which images reach the model, whatever their own; empty if it follows from that. */
    public Optional<Extent> size() {
        return crop.or(() -> resize.flatMap(Resize::extent));
    }

    /** The values of one image [3, height, width], row-major, as the model reads it. */
    public float[] values(BufferedImage image) {
        Extent extent = size(image);
        float[] values = new float[3 * extent.height() * extent.width()];
        fill(image, values, 0);
        return values;
    }

    /**
     * The same of a part of an image, stretched to a size.
     *
     * @param part what is cut out
     * @param to the size of what comes out
     */
    public float[] values(BufferedImage image, Region part, Extent to) {
        byte[] all = ImagePixels.rgb(image);
        byte[] cut = new byte[3 * part.height() * part.width()];
        for (int row = 0; row < part.height(); row++) {
            int from = (part.top() + row) * image.getWidth() + part.left();
            System.arraycopy(all, 3 * from, cut, 3 * row * part.width(), 3 * part.width());
        }
        ImageResampling filter = resize.map(known -> ImageResampling.of(known.resampling()))
                .orElse(ImageResampling.BILINEAR);
        float[] values = new float[3 * to.height() * to.width()];
        put(filter.resize(cut, part.height(), part.width(), to.height(), to.width()), to, to, values, 0);
        return values;
    }

    private Extent size(BufferedImage image) {
        return crop.orElseGet(() -> resized(image));
    }

    private Extent resized(BufferedImage image) {
        Extent made = resize.map(to -> to.of(image.getHeight(), image.getWidth()))
                .orElseGet(() -> new Extent(image.getHeight(), image.getWidth()));
        // Rows are resized first, columns then.
        long most = Math.max((long) made.height() * made.width(), (long) image.getHeight() * made.width());
        if (made.height() < 1 || made.width() < 1 || most > MOST_PIXELS) {
            throw new ShapeException("image: got " + made + " from " + image.getWidth() + " x " + image.getHeight()
                    + " pixels, allowed 1 to " + MOST_PIXELS + " pixels");
        }
        return made;
    }

    private void fill(BufferedImage image, float[] values, int offset) {
        Extent whole = resized(image);
        byte[] all = ImagePixels.rgb(image);
        byte[] pixels = resize.isPresent()
                ? ImageResampling.of(resize.get().resampling()).resize(
                        all, image.getHeight(), image.getWidth(), whole.height(), whole.width())
                : all;
        put(pixels, whole, crop.orElse(whole), values, offset);
    }

    /** Puts the middle of pixels on the common scale, a channel behind another. */
    private void put(byte[] pixels, Extent whole, Extent kept, float[] values, int offset) {
        int top = Math.floorDiv(whole.height() - kept.height(), 2);
        int left = Math.floorDiv(whole.width() - kept.width(), 2);
        int at = offset;
        for (int channel = 0; channel < 3; channel++) {
            float middle = mean.get(channel).floatValue();
            float spread = deviation.get(channel).floatValue();
            for (int row = top; row < top + kept.height(); row++) {
                for (int column = left; column < left + kept.width(); column++) {
                    boolean inside = row >= 0 && row < whole.height() && column >= 0 && column < whole.width();
                    int value = inside ? pixels[(row * whole.width() + column) * 3 + channel] & 0xFF : 0;
                    values[at++] = ((float) (value * factor) - middle) / spread;
                }
            }
        }
    }
}
