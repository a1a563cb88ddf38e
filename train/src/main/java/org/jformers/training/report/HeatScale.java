package org.jformers.training.report;

/**
 * Sequential colors of one hue, nothing to much; lightness alone carries the order, so they survive color blindness and
 * grey print. On a dark page more is lighter, on a light page more is darker.
 */
final class HeatScale {
    /** Number of colors. */
    static final int LEVELS = 32;

    private static final int[] LIGHT = {0xf3f6fa, 0xb9d3ec, 0x5f9fd6, 0x1f63ab, 0x0a2a5c};
    private static final int[] DARK = {0x1b222b, 0x17406f, 0x2a77be, 0x7db9ec, 0xe6f3ff};

    private HeatScale() {}

    /** The level of a weight on a scale from 0 to {@code most}. */
    static int level(float weight, float most) {
        return most <= 0 ? 0 : Math.max(0, Math.min(LEVELS - 1, Math.round(weight / most * (LEVELS - 1))));
    }

    static int light(int level) {
        return mix(LIGHT, level);
    }

    static int dark(int level) {
        return mix(DARK, level);
    }

    private static int mix(int[] anchors, int level) {
        double at = (double) level / (LEVELS - 1) * (anchors.length - 1);
        int left = Math.min((int) at, anchors.length - 2);
        double share = at - left;
        int color = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int a = anchors[left] >> shift & 0xFF;
            int b = anchors[left + 1] >> shift & 0xFF;
            color |= (int) Math.round(a + (b - a) * share) << shift;
        }
        return color;
    }

    static String hex(int color) {
        return "#%06x".formatted(color);
    }
}
