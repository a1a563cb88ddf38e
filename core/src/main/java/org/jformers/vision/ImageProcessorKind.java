package org.jformers.vision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The image processors that come to a new size, the middle, and values on a common scale, with what their classes have
 * where a folder does not say it. Reference: transformers 5.18, {@code models/NAME/image_processing_pil_NAME.py}.
 */
enum ImageProcessorKind {
    VIT("ViT", 2, Values.HALF, Values.square(224), OptionalInt.empty(), true, "vit", "swin", "vit_mae"),
    DEIT("DeiT", 3, Values.HALF, Values.square(256), OptionalInt.of(224), true, "deit"),
    BEIT("Beit", 3, Values.HALF, Values.square(224), OptionalInt.of(224), true, "beit"),
    SIGLIP("Siglip", 3, Values.HALF, Values.square(224), OptionalInt.empty(), false, "siglip"),
    PVT("Pvt", 3, Values.IMAGENET, Values.square(224), OptionalInt.empty(), true, "pvt", "pvt_v2"),
    MOBILE_NET_V1("MobileNetV1", 2, Values.HALF, Values.shortest(256), OptionalInt.of(224), false, "mobilenet_v1"),
    BLIP("Blip", 3, Values.CLIP, Values.square(384), OptionalInt.empty(), true, "blip"),
    BIT("Bit", 3, Values.CLIP, Values.shortest(224), OptionalInt.of(224), false, "bit", "dinov2"),
    CHINESE_CLIP("ChineseCLIP", 3, Values.CLIP, Values.shortest(224), OptionalInt.of(224), false, "chinese_clip"),
    CLIP("CLIP", 3, Values.CLIP, Values.shortest(224), OptionalInt.of(224), false, "clip");

    private final String prefix;
    private final int resample;
    private final Values values;
    private final ObjectNode size;
    private final OptionalInt crop;
    private final boolean square;
    private final List<String> modelTypes;

    /**
     * @param prefix of the class name
     * @param resample number of the filter
     * @param values means and deviations
     * @param size the size, as in a config
     * @param crop side of the middle, if the class has one
     * @param square whether a bare number is the side of a square, else it is the shorter side
     * @param modelTypes models that have it
     */
    ImageProcessorKind(String prefix, int resample, Values values, ObjectNode size, OptionalInt crop,
            boolean square, String... modelTypes) {
        this.prefix = prefix;
        this.resample = resample;
        this.values = values;
        this.size = size;
        this.crop = crop;
        this.square = square;
        this.modelTypes = List.of(modelTypes);
    }

    /** The kind of a class name: its own, or that of its older or faster relatives. */
    static Optional<ImageProcessorKind> ofClass(String name) {
        return Arrays.stream(values())
                .filter(kind -> name.matches(kind.prefix + "ImageProcessor(Fast|Pil)?"))
                .findFirst();
    }

    /** The kind that a model type has. */
    static Optional<ImageProcessorKind> ofModelType(String type) {
        return Arrays.stream(values()).filter(kind -> kind.modelTypes.contains(type)).findFirst();
    }

    /** The class names that are known. */
    static List<String> classes() {
        return Arrays.stream(values()).map(kind -> kind.prefix + "ImageProcessor").toList();
    }

    /** Puts what the class has beside what a folder says; null there stays null. */
    ObjectNode completed(ObjectNode said) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.put("do_resize", true).put("resample", resample).set("size", size);
        all.put("do_rescale", true).put("rescale_factor", 1 / 255.0);
        // Beit has a size of the middle, but takes all.
        all.put("do_center_crop", crop.isPresent() && this != BEIT);
        crop.ifPresent(side -> all.put("crop_size", side));
        all.put("do_normalize", true).set("image_mean", values.means());
        all.set("image_std", values.deviations());
        all.put("default_to_square", square);
        all.setAll(said);
        return all;
    }

    /**
     * Means and deviations of the channels.
     *
     * @param mean red, green and blue
     * @param deviation likewise
     */
    private record Values(List<Double> mean, List<Double> deviation) {
        static final Values HALF = new Values(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
        static final Values IMAGENET = new Values(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
        static final Values CLIP = new Values(
                List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));

        static ObjectNode square(int side) {
            return JsonNodeFactory.instance.objectNode().put("height", side).put("width", side);
        }

        static ObjectNode shortest(int side) {
            return JsonNodeFactory.instance.objectNode().put("shortest_edge", side);
        }

        JsonNode means() {
            return array(mean);
        }

        JsonNode deviations() {
            return array(deviation);
        }

        private static JsonNode array(List<Double> numbers) {
            var array = JsonNodeFactory.instance.arrayNode();
            numbers.forEach(array::add);
            return array;
        }
    }
}
