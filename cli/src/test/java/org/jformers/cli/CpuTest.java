package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CpuTest {

    @Test
    void readsLinuxOnX86() {
        assertThat(Cpu.parse("""
                processor\t: 0
                model name\t: Example CPU @ 2.00GHz
                flags\t\t: fpu sse2 avx2 avx512f amx_bf16 amx_tile avx512_bf16

                processor\t: 1
                model name\t: Other CPU
                flags\t\t: fpu
                """)).isEqualTo(new Cpu(
                        "Example CPU @ 2.00GHz",
                        List.of("avx2", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16")));
    }

    @Test
    void readsLinuxOnArm() {
        assertThat(Cpu.parse("processor : 0\nFeatures : fp asimd i8mm bf16\n").features())
                .containsExactly("asimd", "i8mm", "bf16");
    }

    @Test
    void readsMacOs() {
        Cpu cpu = Cpu.parse("""
                machdep.cpu.brand_string: Apple M9
                hw.optional.arm.FEAT_BF16: 1
                hw.optional.arm.FEAT_I8MM: 0
                """);
        assertThat(cpu.model()).isEqualTo("Apple M9");
        assertThat(cpu.features()).containsExactly("bf16");
    }

    @Test
    void saysWhenItDoesNotKnow() {
        assertThat(Cpu.parse("")).isEqualTo(new Cpu("unknown", List.of()));
    }
}
