package org.jformers.model;

import org.jspecify.annotations.Nullable;

/** Small rules that all families need while they read a config. */
public final class Defaults {
    private Defaults() {}

    /** The value, or another where the config has none. */
    public static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    /**
     * Width of one attention head.
     *
     * @throws ConfigException if the width does not divide evenly, naming both keys
     */
    public static int headDim(String family, String widthKey, int width, String headsKey, int heads) {
        if (heads < 1 || width < 1 || width % heads != 0) {
            throw new ConfigException(family + ": " + widthKey + " (" + width + ") must be a positive multiple of "
                    + headsKey + " (" + heads + ")");
        }
        return width / heads;
    }
}
