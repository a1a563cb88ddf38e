package org.jformers.nn.stack;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.norm.Norm;

/**
 * Makes one patch of twice the width of each two by two patches. Source: arXiv:2103.14030, 3.1.
 *
 * <p>Dimensions: B batch, H rows and W columns of patches, T = H W, C width.
 */
public final class PatchMerging extends Module {
    private static final double EPSILON = 1e-5;

    private final Norm norm;
    private final Linear reduction;

    /** @param width C of the patches that enter */
    public PatchMerging(int width) {
        norm = child("norm", new LayerNorm.Spec(4 * width, EPSILON).build());
        reduction = child("reduction", new Linear.Spec(4 * width, 2 * width, false, Role.WEIGHT).build());
    }

    /** [B, H W, C] to [B, H W / 4, 2 C]; odd rows and columns are filled up with zeros. */
    public Tensor forward(Tensor x_BTC, long rows, long columns) {
        long batch = x_BTC.size(0);
        long width = x_BTC.size(2);
        Tensor x_BHWC = x_BTC.view(batch, rows, columns, width);
        if (rows % 2 + columns % 2 > 0) {
            x_BHWC = torch.constant_pad_nd(x_BHWC, 0, 0, 0, columns % 2, 0, rows % 2);
        }
        // The four are joined column by column.
        Tensor four_BT4C = x_BHWC.view(batch, (rows + 1) / 2, 2, (columns + 1) / 2, 2, width)
                .permute(0, 1, 3, 4, 2, 5)
                .reshape(batch, -1, 4 * width);
        return reduction.forward(norm.forward(four_BT4C));
    }
}
