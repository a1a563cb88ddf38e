package org.jformers.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * Makes a model's input of images, as {@code preprocessor_config.json} says: another size, the middle, the values
 * brought to a common scale. Reference: transformers 5.18, the image processors of ViT and CLIP by Pillow.
 *
 * @param resize the new size, if images get one
 * @param crop size of the middle that is kept, if not all is; what is missing there is black
 * @param factor on the values [0, 255]
 * @param mean taken from each channel behind that
 * @param deviation by which each channel is divided then
 */
public record ImageProcessor(
        Optional<Resize> resize, Optional<Extent> crop, double factor, List<Double> mean, List<Double> deviation) {
    private static final String FILE = "preprocessor_config.json";
    private static final String FILE_OF_SEVERAL = "processor_config.json";
    private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);

    /**
     * A new size.
     *
     * @param extent height and width, or
     * @param shortest the length of the shorter side, the other in proportion: one of the two is there
     * @param resampling a kind of {@code resample} in configs: 1, 2 or 3
     */
    public record Resize(Optional<Extent> extent, Optional<Integer> shortest, int resampling) {
        public Resize {
            ImageResampling.of(resampling);
            if (extent.isPresent() == shortest.isPresent()) {
                throw new ConfigException("size: got height and width " + extent + ", shortest edge " + shortest
                        + ", allowed one of them");
            }
        }

        private Extent of(int height, int width) {
            return extent.orElseGet(() -> {
                int side = shortest.orElseThrow();
                return height < width
                        ? new Extent(side, (int) ((long) side * width / height))
                        : new Extent((int) ((long) side * height / width), side);
            });
        }
    }

    public ImageProcessor {
        if (mean.size() != 3 || deviation.size() != 3 || deviation.stream().anyMatch(value -> value == 0)) {
            throw new ConfigException("image processor: got image_mean " + mean + " and image_std " + deviation
                    + ", allowed three numbers each, no deviation 0");
        }
    }

    /**
     * Reads the settings of a model folder.
     *
     * @throws ConfigException if there are none, or some that are not supported
     */
    public static ImageProcessor load(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            ObjectMapper mapper = new ObjectMapper();
            if (Files.isRegularFile(file)) {
                return parse(mapper.readTree(Files.readString(file)), file.toString());
            }
            Path several = folder.resolve(FILE_OF_SEVERAL);
            if (Files.isRegularFile(several)) {
                return parse(
                        mapper.readTree(Files.readString(several)).path("image_processor"), several.toString());
            }
        } catch (IOException e) {
            throw new ConfigException("image processor: cannot be read, " + e.getMessage() + ", in " + folder, e);
        }
        throw new ConfigException("image processor: neither " + FILE + " nor " + FILE_OF_SEVERAL + " is in " + folder);
    }

    /**
     * Reads settings from JSON.
     *
     * @param where named in errors
     */
    static ImageProcessor parse(JsonNode json, String where) {
        String type = json.path("image_processor_type").asText(json.path("feature_extractor_type").asText());
        boolean clip = type.startsWith("CLIP");
        if (!clip && !type.startsWith("ViT")) {
            throw new ConfigException("image_processor_type: got " + type
                    + ", allowed ViTImageProcessor and CLIPImageProcessor, in " + where);
        }
        try {
            Optional<Resize> resize = json.path("do_resize").asBoolean(true)
                    ? Optional.of(resize(json, clip))
                    : Optional.empty();
            Optional<Extent> crop = json.path("do_center_crop").asBoolean(clip)
                    ? Optional.of(json.has("crop_size") ? extent(json.get("crop_size")) : Extent.square(224))
                    : Optional.empty();
            boolean normalize = json.path("do_normalize").asBoolean(true);
            return new ImageProcessor(resize, crop,
                    json.path("do_rescale").asBoolean(true) ? json.path("rescale_factor").asDouble(1 / 255.0) : 1,
                    normalize ? numbers(json, "image_mean", clip ? CLIP_MEAN : HALF) : List.of(0.0, 0.0, 0.0),
                    normalize ? numbers(json, "image_std", clip ? CLIP_DEVIATION : HALF) : List.of(1.0, 1.0, 1.0));
        } catch (ConfigException | IllegalArgumentException e) {
            throw new ConfigException(e.getMessage() + ", in " + where, e);
        }
    }

    private static Resize resize(JsonNode json, boolean clip) {
        int resampling = json.path("resample").asInt(clip ? 3 : 2);
        JsonNode size = json.path("size");
        if (size.has("shortest_edge")) {
            return new Resize(Optional.empty(), Optional.of(size.get("shortest_edge").asInt()), resampling);
        }
        // A bare number is the shorter side for CLIP, and a square for ViT.
        if (clip && !size.isObject()) {
            return new Resize(Optional.empty(), Optional.of(size.asInt(224)), resampling);
        }
        return new Resize(
                Optional.of(size.isMissingNode() ? Extent.square(224) : extent(size)), Optional.empty(), resampling);
    }

    private static Extent extent(JsonNode size) {
        return size.has("height") && size.has("width")
                ? new Extent(size.get("height").asInt(), size.get("width").asInt())
                : Extent.of(size);
    }

    private static List<Double> numbers(JsonNode json, String key, List<Double> otherwise) {
        if (!json.has(key)) {
            return otherwise;
        }
        List<Double> numbers = new ArrayList<>();
        json.get(key).forEach(number -> numbers.add(number.asDouble()));
        return List.copyOf(numbers);
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
        float[] values = new float[Math.toIntExact(3L * images.size() * first.height() * first.width())];
        for (int i = 0; i < images.size(); i++) {
            if (!size(images.get(i)).equals(first)) {
                throw new ShapeException("images: got " + size(images.get(i)) + " behind " + first
                        + ", allowed images of one size where nothing makes them equal");
            }
            fill(images.get(i), values, i * 3 * first.height() * first.width());
        }
        return Tensors.ofFloats(values, images.size(), 3, first.height(), first.width());
    }

    private Extent size(BufferedImage image) {
        return crop.orElseGet(() -> resized(image));
    }

    private Extent resized(BufferedImage image) {
        return resize.map(to -> to.of(image.getHeight(), image.getWidth()))
                .orElseGet(() -> new Extent(image.getHeight(), image.getWidth()));
    }

    private void fill(BufferedImage image, float[] values, int offset) {
        Extent whole = resized(image);
        int[] pixels = resize.isPresent()
                ? ImageResampling.of(resize.get().resampling()).resize(
                        rgb(image), image.getHeight(), image.getWidth(), whole.height(), whole.width())
                : rgb(image);
        Extent kept = crop.orElse(whole);
        int top = Math.floorDiv(whole.height() - kept.height(), 2);
        int left = Math.floorDiv(whole.width() - kept.width(), 2);
        int at = offset;
        for (int channel = 0; channel < 3; channel++) {
            float middle = mean.get(channel).floatValue();
            float spread = deviation.get(channel).floatValue();
            for (int row = top; row < top + kept.height(); row++) {
                for (int column = left; column < left + kept.width(); column++) {
                    boolean inside = row >= 0 && row < whole.height() && column >= 0 && column < whole.width();
                    int value = inside ? pixels[(row * whole.width() + column) * 3 + channel] : 0;
                    values[at++] = ((float) (value * factor) - middle) / spread;
                }
            }
        }
    }

    /**
     * Red, green and blue of each pixel, row by row. Grey values are taken as they are, without a change of colours.
     */
    private static int[] rgb(BufferedImage image) {
        int[] values = new int[image.getWidth() * image.getHeight() * 3];
        Raster raster = image.getRaster();
        boolean grey = raster.getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
        int tooManyBits = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
        int at = 0;
        for (int row = 0; row < image.getHeight(); row++) {
            for (int column = 0; column < image.getWidth(); column++) {
                if (grey) {
                    int value = raster.getSample(column, row, 0) >> tooManyBits;
                    values[at++] = value;
                    values[at++] = value;
                    values[at++] = value;
                } else {
                    int colour = image.getRGB(column, row);
                    values[at++] = colour >> 16 & 255;
                    values[at++] = colour >> 8 & 255;
                    values[at++] = colour & 255;
                }
            }
        }
        return values;
    }
}
