package org.jformers.nn.position;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.tensor.Tensors;

/**
 * Position tables over a grid of patches [rows * columns, C], row by row; a vector for the class token may stand in
 * front of them.
 */
public final class PatchPositions {
    private PatchPositions() {}

    /**
     * Sines and cosines of the column, then of the row, a quarter of the width each; zeros for the class token. Source:
     * arXiv:2111.06377, whose code has the column first.
     *
     * @return [1 + rows * columns, C]
     * @throws IllegalArgumentException if the width is no multiple of 4
     */
    public static Tensor sinusoidal(int rows, int columns, int width) {
        if (width % 4 != 0) {
            throw new IllegalArgumentException("patch positions: got width " + width + ", allowed multiples of 4");
        }
        int quarter = width / 4;
        float[] values = new float[(1 + rows * columns) * width];
        int at = width;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++, at += width) {
                for (int i = 0; i < quarter; i++) {
                    double frequency = 1 / Math.pow(10000, (double) i / quarter);
                    values[at + i] = (float) Math.sin(column * frequency);
                    values[at + quarter + i] = (float) Math.cos(column * frequency);
                    values[at + 2 * quarter + i] = (float) Math.sin(row * frequency);
                    values[at + 3 * quarter + i] = (float) Math.cos(row * frequency);
                }
            }
        }
        return Tensors.ofFloats(values, 1 + rows * columns, width);
    }

    /** A table without class token, stretched (bicubic) to another grid: [P, C] to [toRows * toColumns, C]. */
    public static Tensor stretched(Tensor table_PC, long rows, long columns, long toRows, long toColumns) {
        Tensor image_1CHW = table_PC.view(rows, columns, table_PC.size(1)).permute(2, 0, 1).unsqueeze(0);
        return torch.upsample_bicubic2d(image_1CHW, new long[] {toRows, toColumns}, false)
                .squeeze(0).permute(1, 2, 0).flatten(0, 1);
    }
}
