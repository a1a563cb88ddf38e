package org.jformers.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** In which number format the matrix products of a forward pass are computed; parameters stay in float32. */
public enum Precision {
    /** Everything in float32. */
    FLOAT32,
    /** Matrix products in bfloat16 (autocast), sums and norms in float32. */
    BFLOAT16,
    /** {@link #BFLOAT16} where the device multiplies it natively, otherwise {@link #FLOAT32}. */
    AUTO;

    /** The precision that {@link #AUTO} stands for where models are made right now; any other is itself. */
    public Precision resolve() {
        if (this != AUTO) {
            return this;
        }
        return switch (Device.current().kind()) {
            case CUDA -> BFLOAT16;
            case META -> FLOAT32;
            default -> nativeBfloat16() ? BFLOAT16 : FLOAT32;
        };
    }

    /** Switches autocast on all kinds of devices that are there, so that nobody needs to say where. */
    private static final class Autocast {
        private static final List<DeviceType> TYPES = Device.available().size() > 1
                ? List.of(DeviceType.CPU, DeviceType.CUDA)
                : List.of(DeviceType.CPU);

        private static void enable(boolean on) {
            TYPES.forEach(type -> torch.set_autocast_enabled(type, on));
        }
    }

    /**
     * Runs a forward pass in this precision. The backward pass belongs outside. The cache of cast weights is emptied
     * afterwards: left alone, the next step would compute with the weights of this one.
     */
    public <T> T compute(Supplier<T> forward) {
        if (resolve() == FLOAT32) {
            return forward.get();
        }
        Autocast.TYPES.forEach(type -> torch.set_autocast_dtype(type, ScalarType.BFloat16));
        Autocast.enable(true);
        try {
            return forward.get();
        } finally {
            torch.clear_cache();
            Autocast.enable(false);
        }
    }

    /** The precision in which this thread computes right now. */
    public static Precision current() {
        return torch.is_autocast_enabled(DeviceType.CPU) ? BFLOAT16 : FLOAT32;
    }

    /** The type in which matrix products of values of {@code type} are computed right now. */
    public static ScalarType productType(ScalarType type) {
        return torch.is_autocast_enabled(DeviceType.CPU) && type == ScalarType.Float ? ScalarType.BFloat16 : type;
    }

    /** Runs {@code body} in float32, whatever the precision around it: for sums that bfloat16 would spoil. */
    public static <T> T withoutAutocast(Supplier<T> body) {
        if (!torch.is_autocast_enabled(DeviceType.CPU)) {
            return body.get();
        }
        Autocast.enable(false);
        try {
            return body.get();
        } finally {
            Autocast.enable(true);
        }
    }

    /** Whether the engine has oneDNN's and FBGEMM's products, as its builds for 64-bit x86 processors do. */
    public static boolean packedProducts() {
        return List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    }

    /** Whether the processor multiplies bfloat16. */
    public static boolean nativeBfloat16() {
        return has("avx512_bf16") || has("amx_bf16");
    }

    /** Whether it multiplies bfloat16 in tiles (AMX), without which the engine's fused attention is a scalar loop. */
    public static boolean bfloat16Tiles() {
        return has("amx_bf16");
    }

    /** Whether the processor adds products of 8 bits without an overflow on the way. */
    public static boolean nativeInt8() {
        return has("avx512_vnni");
    }

    private static boolean has(String feature) {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return has(feature, lines);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether lines of {@code /proc/cpuinfo} name instructions. */
    static boolean has(String feature, Stream<String> cpuinfo) {
        return cpuinfo.filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(flags -> List.of(flags.split("\\s+")).contains(feature))
                .orElse(false);
    }
}
