package org.jformers.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    /** {@link #BFLOAT16} where the processor multiplies it natively, otherwise {@link #FLOAT32}. */
    AUTO;

    /** The precision that {@link #AUTO} stands for on this machine; any other is itself. */
    public Precision resolve() {
        if (this != AUTO) {
            return this;
        }
        return nativeBfloat16() ? BFLOAT16 : FLOAT32;
    }

    /**
     * Runs a forward pass in this precision. The backward pass belongs outside. The cache of cast weights is emptied
     * afterwards: left alone, the next step would compute with the weights of this one.
     */
    public <T> T compute(Supplier<T> forward) {
        if (resolve() == FLOAT32) {
            return forward.get();
        }
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, true);
        try {
            return forward.get();
        } finally {
            torch.clear_cache();
            torch.set_autocast_enabled(DeviceType.CPU, false);
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
        torch.set_autocast_enabled(DeviceType.CPU, false);
        try {
            return body.get();
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, true);
        }
    }

    private static boolean nativeBfloat16() {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return nativeBfloat16(lines);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether lines of {@code /proc/cpuinfo} name instructions that multiply bfloat16. */
    static boolean nativeBfloat16(Stream<String> cpuinfo) {
        return cpuinfo.filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(flags -> flags.contains("avx512_bf16") || flags.contains("amx_bf16"))
                .orElse(false);
    }
}
