package org.jformers.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The element types that a checkpoint can hold, in the order of the safetensors reference (files store the last ones
 * first). Using this type does not load the engine.
 */
public enum DType {
    BOOL("BOOL", "bool", ScalarType.Bool, 1),
    UINT8("U8", "uint8", ScalarType.Byte, 1),
    INT8("I8", "int8", ScalarType.Char, 1),
    FLOAT8_E5M2("F8_E5M2", "float8_e5m2", ScalarType.Float8_e5m2, 1),
    FLOAT8_E4M3("F8_E4M3", "float8_e4m3fn", ScalarType.Float8_e4m3fn, 1),
    FLOAT8_E8M0("F8_E8M0", "float8_e8m0fnu", ScalarType.Float8_e8m0fnu, 1),
    INT16("I16", "int16", ScalarType.Short, 2),
    UINT16("U16", "uint16", ScalarType.UInt16, 2),
    FLOAT16("F16", "float16", ScalarType.Half, 2),
    BFLOAT16("BF16", "bfloat16", ScalarType.BFloat16, 2),
    INT32("I32", "int32", ScalarType.Int, 4),
    UINT32("U32", "uint32", ScalarType.UInt32, 4),
    FLOAT32("F32", "float32", ScalarType.Float, 4),
    COMPLEX64("C64", "complex64", ScalarType.ComplexFloat, 8),
    FLOAT64("F64", "float64", ScalarType.Double, 8),
    INT64("I64", "int64", ScalarType.Long, 8),
    UINT64("U64", "uint64", ScalarType.UInt64, 8);

    private static final Map<String, DType> BY_CODE = index(DType::code);
    private static final Map<String, DType> BY_CONFIG_NAME = index(DType::configName);
    private static final Map<ScalarType, DType> BY_SCALAR_TYPE = index(DType::scalarType);

    private final String code;
    private final String configName;
    private final ScalarType scalarType;
    private final int bytes;

    DType(String code, String configName, ScalarType scalarType, int bytes) {
        this.code = code;
        this.configName = configName;
        this.scalarType = scalarType;
        this.bytes = bytes;
    }

    /** The name in safetensors files, such as {@code F32}. */
    public String code() {
        return code;
    }

    /** The name in {@code config.json}, such as {@code float32}. */
    public String configName() {
        return configName;
    }

    /** The engine's name. */
    public ScalarType scalarType() {
        return scalarType;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether elements are real floating-point numbers: the types that a model's precision may be converted between.
     */
    public boolean isFloatingPoint() {
        return configName.startsWith("float") || this == BFLOAT16;
    }

    /** The type that safetensors files call {@code code}. */
    public static Optional<DType> ofCode(String code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    /** The type that {@code config.json} calls {@code name}. */
    public static Optional<DType> ofConfigName(String name) {
        return Optional.ofNullable(BY_CONFIG_NAME.get(name));
    }

    /**
     * The type of a tensor's elements.
     *
     * @throws IllegalArgumentException for the engine's own types that no checkpoint holds, such as quantized ones
     */
    public static DType of(Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        DType known = BY_SCALAR_TYPE.get(type);
        if (known == null) {
            throw new IllegalArgumentException("element type " + type + " cannot be stored in a checkpoint");
        }
        return known;
    }

    private static <K> Map<K, DType> index(Function<DType, K> key) {
        return Arrays.stream(values()).collect(Collectors.toMap(key, Function.identity()));
    }
}
