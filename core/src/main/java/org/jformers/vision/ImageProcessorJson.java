package org.jformers.vision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jformers.model.ConfigException;
import org.jformers.model.Extent;
import org.jformers.text.ForeignJson;

/** Reads {@link ImageProcessor} from a model folder, as transformers 5.18 does with Pillow. */
final class ImageProcessorJson {
    private static final String FILE = "preprocessor_config.json";
    private static final String FILE_OF_SEVERAL = "processor_config.json";
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    private final ObjectNode json;

    private ImageProcessorJson(ObjectNode json) {
        this.json = json;
    }

    static ImageProcessor load(Path folder) {
        Path several = folder.resolve(FILE_OF_SEVERAL);
        if (Files.isRegularFile(several) && tree(several).path("image_processor").isObject()) {
            return parse(tree(several).get("image_processor"), modelType(folder), several.toString());
        }
        Path file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            return parse(tree(file), modelType(folder), file.toString());
        }
        throw new ConfigException("image processor: neither " + FILE + " nor " + FILE_OF_SEVERAL + " is in " + folder);
    }

    /**
     * Reads settings.
     *
     * @param modelType decides where they name no class; empty if there is none
     * @param where named in errors
     */
    static ImageProcessor parse(JsonNode said, String modelType, String where) {
        try {
            if (!said.isObject()) {
                throw new ConfigException("image processor: got no JSON object");
            }
            return new ImageProcessorJson(kind(said, modelType).completed((ObjectNode) said)).read();
        } catch (ConfigException | IllegalArgumentException e) {
            throw new ConfigException(e.getMessage() + ", in " + where, e);
        }
    }

    private static JsonNode tree(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new ConfigException("image processor: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("image processor: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
    }

    private static String modelType(Path folder) {
        Path config = folder.resolve("config.json");
        return Files.isRegularFile(config) ? tree(config).path("model_type").asText() : "";
    }

    private static ImageProcessorKind kind(JsonNode said, String modelType) {
        String type = said.path("image_processor_type").asText("");
        if (type.isEmpty() || said.path("image_processor_type").isNull()) {
            String older = said.path("feature_extractor_type").isTextual()
                    ? said.get("feature_extractor_type").textValue()
                    : "";
            type = older.replace("FeatureExtractor", "ImageProcessor");
        }
        if (type.isEmpty()) {
            return ImageProcessorKind.ofModelType(modelType).orElseThrow(() -> new ConfigException(
                    "image_processor_type: got none, and model_type \"" + modelType + "\" decides none; allowed "
                            + ImageProcessorKind.classes()));
        }
        String name = type;
        return ImageProcessorKind.ofClass(type).orElseThrow(() -> new ConfigException(
                "image_processor_type: got " + name + ", allowed " + ImageProcessorKind.classes()));
    }

    private ImageProcessor read() {
        if (!json.path("input_data_format").isNull() && json.has("input_data_format")) {
            throw refused("input_data_format", "none, for image files have their own");
        }
        if (flag("do_pad") && json.hasNonNull("pad_size")) {
            throw refused("pad_size", "none: padding is not supported");
        }
        Optional<ImageProcessor.Resize> resize = flag("do_resize") ? Optional.of(resize()) : Optional.empty();
        Optional<Extent> crop = flag("do_center_crop") ? Optional.of(extent("crop_size")) : Optional.empty();
        boolean normalize = flag("do_normalize");
        return new ImageProcessor(resize, crop, flag("do_rescale") ? number("rescale_factor") : 1,
                normalize ? numbers("image_mean") : List.of(0.0, 0.0, 0.0),
                normalize ? numbers("image_std") : List.of(1.0, 1.0, 1.0));
    }

    private ImageProcessor.Resize resize() {
        JsonNode filter = json.get("resample");
        if (!filter.isNumber() || filter.doubleValue() != filter.intValue()) {
            throw refused("resample", ImageResampling.codes());
        }
        int resampling = filter.intValue();
        JsonNode size = json.get("size");
        if (size.isInt() && !flag("default_to_square")) {
            return ImageProcessor.Resize.shortest(side("size", size), resampling);
        }
        if (size.has("shortest_edge")) {
            ImageProcessor.Resize shortest =
                    ImageProcessor.Resize.shortest(side("size", size.get("shortest_edge")), resampling);
            return size.hasNonNull("longest_edge")
                    ? shortest.withLongest(side("size", size.get("longest_edge")))
                    : shortest;
        }
        if (size.has("max_height") && size.has("max_width")) {
            return ImageProcessor.Resize.within(
                    new Extent(side("size", size.get("max_height")), side("size", size.get("max_width"))), resampling);
        }
        return ImageProcessor.Resize.to(extent("size"), resampling);
    }

    private Extent extent(String key) {
        JsonNode size = json.path(key);
        if (size.isInt()) {
            return Extent.square(side(key, size));
        }
        if (size.isArray() && size.size() == 2) {
            return new Extent(side(key, size.get(0)), side(key, size.get(1)));
        }
        if (size.has("height") && size.has("width")) {
            return new Extent(side(key, size.get("height")), side(key, size.get("width")));
        }
        throw refused(key, "a number, or height and width" + (key.equals("size")
                ? ", or shortest_edge, alone or with longest_edge, or max_height and max_width" : ""));
    }

    private int side(String key, JsonNode side) {
        if (!side.isInt() || side.intValue() < 1 || side.intValue() > ImageProcessor.LONGEST_SIDE) {
            throw refused(key, "sides of 1 to " + ImageProcessor.LONGEST_SIDE + " pixels");
        }
        return side.intValue();
    }

    /** Null is false, as in Python. */
    private boolean flag(String key) {
        JsonNode value = json.path(key);
        if (!value.isBoolean() && !value.isNull() && !value.isMissingNode()) {
            throw refused(key, "true or false");
        }
        return value.asBoolean(false);
    }

    private double number(String key) {
        JsonNode value = json.path(key);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw refused(key, "a number");
        }
        return value.doubleValue();
    }

    /** Three numbers; one alone counts for each channel. */
    private List<Double> numbers(String key) {
        JsonNode value = json.path(key);
        if (value.isNumber()) {
            return List.of(number(key), number(key), number(key));
        }
        List<Double> numbers = new ArrayList<>();
        value.forEach(number -> numbers.add(number.isNumber() ? number.doubleValue() : Double.NaN));
        if (!value.isArray() || numbers.size() != 3 || !numbers.stream().allMatch(Double::isFinite)) {
            throw refused(key, "three numbers, or one for all channels");
        }
        return List.copyOf(numbers);
    }

    private ConfigException refused(String key, String allowed) {
        return new ConfigException("image processor: got " + key + " " + json.path(key) + ", allowed " + allowed);
    }
}
