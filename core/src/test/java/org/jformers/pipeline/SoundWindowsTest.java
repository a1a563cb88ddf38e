package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;

final class SoundWindowsTest {
    private static List<String> cut(SoundWindows windows, int samples, int multiple) {
        return windows.cut(new float[samples], 100, multiple).stream()
                .map(window -> window.samples().length + " " + window.left() + " " + window.right())
                .toList();
    }

    @Test
    void overlapsByBothStrides() {
        assertThat(cut(SoundWindows.of(0.6), 130, 1)).containsExactly("60 0 10", "60 10 10", "50 10 0");
        assertThat(cut(SoundWindows.of(0.6), 60, 1)).containsExactly("60 0 0");
        assertThat(cut(new SoundWindows(0.5, 0, 0), 101, 1)).containsExactly("50 0 0", "50 0 0", "1 0 0");
    }

    @Test
    void leavesOutALastWindowThatIsAllStride() {
        assertThat(cut(new SoundWindows(0.5, 0.2, 0), 80, 1)).containsExactly("50 0 0", "50 20 0");
        assertThat(cut(new SoundWindows(0.5, 0.2, 0.1), 65, 1)).containsExactly("50 0 10", "45 20 0");
    }

    @Test
    void roundsToWholeFrames() {
        assertThat(cut(SoundWindows.of(0.6), 130, 8)).containsExactly("64 0 8", "64 8 8", "34 8 0");
    }

    @Test
    void refusesStridesThatLeaveNothing() {
        assertThatThrownBy(() -> cut(new SoundWindows(0.5, 0.3, 0.2), 80, 1)).isInstanceOf(JformersException.class)
                .hasMessage("speech recognition: got windows of 50 samples with strides of 30 and 20, allowed strides"
                        + " that leave something");
        assertThatThrownBy(() -> new SoundWindows(0, 0, 0)).isInstanceOf(JformersException.class)
                .hasMessageContaining("windows above 0");
    }
}
