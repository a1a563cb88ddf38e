package org.jformers.nn.stack;

/**
 * Images and the patches they are cut into; what is left at the right and at the bottom belongs to no patch.
 *
 * @param channels channels of an image
 * @param height rows of pixels of an image
 * @param width columns of pixels of an image
 * @param patchHeight rows of pixels of a patch
 * @param patchWidth columns of pixels of a patch
 */
public record PatchGrid(int channels, int height, int width, int patchHeight, int patchWidth) {
    public PatchGrid {
        if (channels < 1 || patchHeight < 1 || patchWidth < 1 || height < patchHeight || width < patchWidth) {
            throw new IllegalArgumentException("patches: got images of " + channels + " channels, " + height + " x "
                    + width + " pixels, patches of " + patchHeight + " x " + patchWidth
                    + ", allowed at least one channel and one whole patch");
        }
    }

    /** Rows of patches. */
    public int rows() {
        return height / patchHeight;
    }

    /** Columns of patches. */
    public int columns() {
        return width / patchWidth;
    }

    /** P. */
    public int patches() {
        return rows() * columns();
    }

    /** Values of one patch. */
    public int patchValues() {
        return patchHeight * patchWidth * channels;
    }
}
