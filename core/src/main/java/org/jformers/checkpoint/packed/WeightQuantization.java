package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A method by which the weights of a folder are quantized, as {@code quantization_config} of its config says. */
public interface WeightQuantization {
    /** The key of {@code config.json}. */
    String KEY = "quantization_config";

    /** The methods that are read, by {@code quant_method}. */
    List<String> METHODS = List.of("gptq", "awq", "bitsandbytes", "fp8", "fbgemm_fp8", "compressed-tensors");

    /**
     * Whole numbers with a scale for each output of each group of inputs.
     *
     * @param bits of a number
     * @param group inputs of a group; 0 for all
     */
    record Grid(int bits, int group) {}

    /** The name of the method. */
    String method();

    /** The grid on which all quantized weights lie, if they lie on one. */
    default Optional<Grid> grid() {
        return Optional.empty();
    }

    /**
     * The quantized weights among stored tensors, by the names that they would have unquantized.
     *
     * @throws IllegalArgumentException if parts of one are missing or do not fit each other; says which
     */
    Map<String, PackedWeight> weights(PackedParts stored);

    /** Whether settings are those of a method that is read. */
    static boolean isRead(JsonNode settings) {
        return METHODS.contains(method(settings));
    }

    /**
     * The quantization that settings say; empty if they say none, or one that is not read.
     *
     * @throws IllegalArgumentException naming a setting that is not read
     */
    static Optional<WeightQuantization> of(JsonNode settings) {
        return switch (method(settings)) {
            case "gptq" -> Optional.of(Gptq.of(settings));
            case "awq" -> Optional.of(Awq.of(settings));
            case "bitsandbytes" -> Optional.of(BitsAndBytes.of(settings));
            case "fp8", "fbgemm_fp8" -> Optional.of(ScaledFloat8.of(settings));
            case "compressed-tensors" -> Optional.of(CompressedIntegers.isNamed(settings)
                    ? CompressedIntegers.of(settings)
                    : ScaledFloat8.ofCompressedTensors(settings));
            default -> Optional.empty();
        };
    }

    private static String method(JsonNode settings) {
        String method = settings.path("quant_method").asText("").toLowerCase(Locale.ROOT);
        boolean older = method.isEmpty() && (settings.has("load_in_4bit") || settings.has("load_in_8bit"));
        return older ? "bitsandbytes" : method;
    }
}
