package org.jformers.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The processor as the operating system describes it.
 *
 * @param model its name, {@code unknown} where the system does not tell
 * @param features those of its instruction sets that decide how fast a Transformer runs
 */
record Cpu(String model, List<String> features) {
    private static final List<String> DECISIVE = List.of(
            "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16", // x86-64
            "asimd", "i8mm", "bf16", "sve", "sme"); // ARM

    /** Reads {@code /proc/cpuinfo} on Linux and asks {@code sysctl} on macOS. */
    static Cpu read() {
        try {
            Path linux = Path.of("/proc/cpuinfo");
            if (Files.exists(linux)) {
                return parse(Files.readString(linux));
            }
            Process sysctl = new ProcessBuilder("sysctl", "machdep.cpu.brand_string", "hw.optional.arm")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return parse(new String(sysctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new Cpu("unknown", List.of());
        }
    }

    /** Understands {@code key : value} lines of either system; of several processors the first counts. */
    static Cpu parse(String description) {
        String model = null;
        Set<String> present = new LinkedHashSet<>();
        for (String line : description.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String key = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (model == null && (key.equals("model name") || key.equals("machdep.cpu.brand_string"))) {
                model = value;
            } else if (key.equals("flags") || key.equals("features")) {
                present.addAll(List.of(value.split("\\s+")));
            } else if (key.startsWith("hw.optional.arm.feat_") && value.equals("1")) {
                present.add(key.substring("hw.optional.arm.feat_".length()));
            }
        }
        return new Cpu(model == null ? "unknown" : model, DECISIVE.stream().filter(present::contains).toList());
    }
}
