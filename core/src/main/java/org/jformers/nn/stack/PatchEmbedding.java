package org.jformers.nn.stack;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.conv.Convolution;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.PatchPositions;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance for images: a linear map of each patch, a class token in front, plus position vectors. Source:
 * arXiv:2010.11929, 3.1; mask token: arXiv:2111.09886.
 *
 * <p>Dimensions: B batch, P patches, T = P or P + 1 with the class token, C width, H rows and W columns.
 */
public final class PatchEmbedding extends Entrance {
    private final Spec spec;
    private final Tensor weight;
    private final Optional<Tensor> bias;
    private final Optional<Tensor> classToken_C;
    private final Optional<Tensor> maskToken_C;
    private final Optional<Tensor> positions_TC;
    private final Optional<Norm> patchNorm;
    private final Optional<Norm> norm;
    private final Dropout dropout;

    /** How the place of a patch enters. */
    public enum Positions {
        /** Not here. */
        NONE,
        /** A trained table. */
        LEARNED,
        /** A table that starts as {@link PatchPositions#sinusoidal}. */
        SINUSOIDAL
    }

    /** What happens to pixels that fill no patch. */
    public enum Rest {
        /** They are left out, and images have the grid's size unless the positions are interpolated. */
        CUT,
        /** They are filled up with zeros, and images may have any size if no positions enter here. */
        PADDED
    }

    /** Trained vectors that are no patches. */
    public enum Token {
        /** Stands in front of the patches. */
        CLASS,
        /** Stands for hidden patches. */
        MASK
    }

    /**
     * The linear map of the patches.
     *
     * @param bias whether it adds a constant
     * @param rest what happens to pixels that fill no patch
     * @param norm behind it, if there is one
     */
    public record Projection(boolean bias, Rest rest, Optional<Norm.Spec> norm) {}

    /**
     * @param grid the images and their patches
     * @param width C
     * @param projection the linear map of the patches
     * @param tokens which vectors there are besides
     * @param positions how the place of a patch enters
     * @param norm behind the sum, if there is one
     * @param dropout rate behind everything, in [0, 1)
     */
    public record Spec(
            PatchGrid grid,
            int width,
            Projection projection,
            Set<Token> tokens,
            Positions positions,
            Optional<Norm.Spec> norm,
            double dropout)
            implements Entrance.Spec {
        public Spec {
            tokens = Set.copyOf(tokens);
        }

        /** As in ViT: a bias, a class token, a trained table. */
        public static Spec of(PatchGrid grid, int width) {
            return new Spec(grid, width, new Projection(true, Rest.CUT, Optional.empty()), Set.of(Token.CLASS),
                    Positions.LEARNED, Optional.empty(), 0);
        }

        public Spec withProjection(Projection map) {
            return new Spec(grid, width, map, tokens, positions, norm, dropout);
        }

        public Spec withTokens(Set<Token> vectors) {
            return new Spec(grid, width, projection, vectors, positions, norm, dropout);
        }

        public Spec withPositions(Positions kind) {
            return new Spec(grid, width, projection, tokens, kind, norm, dropout);
        }

        public Spec withNorm(Norm.Spec kind) {
            return new Spec(grid, width, projection, tokens, positions, Optional.of(kind), dropout);
        }

        public Spec withDropout(double rate) {
            return new Spec(grid, width, projection, tokens, positions, norm, rate);
        }

        private boolean has(Token token) {
            return tokens.contains(token);
        }

        @Override
        public OptionalInt room() {
            return OptionalInt.of(grid.patches() + (has(Token.CLASS) ? 1 : 0));
        }

        @Override
        public Optional<PatchGrid> patches() {
            return Optional.of(grid);
        }

        @Override
        public PatchEmbedding build() {
            return new PatchEmbedding(this);
        }

        @Override
        public PatchEmbedding build(Embedding shared) {
            throw new IllegalArgumentException("patch embedding: got a token table, which images do not have");
        }
    }

    private PatchEmbedding(Spec spec) {
        this.spec = spec;
        PatchGrid grid = spec.grid();
        int width = spec.width();
        weight = parameter("weight", Role.WEIGHT, width, grid.channels(), grid.patchHeight(), grid.patchWidth());
        bias = spec.projection().bias() ? Optional.of(parameter("bias", Role.BIAS, width)) : Optional.empty();
        classToken_C = spec.has(Token.CLASS)
                ? Optional.of(parameter("classToken", Role.EMBEDDING, width)) : Optional.empty();
        maskToken_C = spec.has(Token.MASK)
                ? Optional.of(parameter("maskToken", Role.EMBEDDING, width)) : Optional.empty();
        positions_TC = switch (spec.positions()) {
            case NONE -> Optional.empty();
            case LEARNED -> Optional.of(parameter("positions", Role.EMBEDDING, spec.room().getAsInt(), width));
            case SINUSOIDAL -> Optional.of(preset("positions",
                    PatchPositions.sinusoidal(grid.rows(), grid.columns(), width)
                            .narrow(0, spec.has(Token.CLASS) ? 0 : 1, spec.room().getAsInt())));
        };
        patchNorm = spec.projection().norm().map(kind -> child("patchNorm", kind.build()));
        norm = spec.norm().map(kind -> child("norm", kind.build()));
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public Set<String> takes() {
        return spec.has(Token.MASK)
                ? Set.of("pixel_values", "interpolate_pos_encoding", "bool_masked_pos")
                : Set.of("pixel_values", "interpolate_pos_encoding");
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        StackInput.Patches how = input.patches();
        Tensor patch_BCHW = patches(pixels(input));
        Tensor x_BPC = patch_BCHW.flatten(2, 3).transpose(1, 2);
        if (patchNorm.isPresent()) {
            x_BPC = patchNorm.get().forward(x_BPC);
        }
        if (how.masked().isPresent()) {
            x_BPC = masked(x_BPC, how.masked().get());
        }
        Optional<Tensor> table_TC = positions(patch_BCHW.size(2), patch_BCHW.size(3), how.interpolate());
        long first = spec.has(Token.CLASS) ? 1 : 0;
        long count = x_BPC.size(1);
        if (table_TC.isPresent()) {
            x_BPC = x_BPC.add(table_TC.get().narrow(0, first, count));
        }
        if (how.chosen().isPresent()) {
            x_BPC = chosen(x_BPC, how.chosen().get());
        }
        if (classToken_C.isPresent()) {
            Tensor token_C = table_TC.isPresent()
                    ? classToken_C.get().add(table_TC.get().select(0, 0))
                    : classToken_C.get();
            x_BPC = Tensors.cat(1, token_C.expand(x_BPC.size(0), 1, spec.width()), x_BPC);
        }
        Tensor x_BTC = norm.isPresent() ? norm.get().forward(x_BPC) : x_BPC;
        return dropout.forward(x_BTC, training());
    }

    /** Rows and columns of patches that an input has. */
    public record Size(long rows, long columns) {}

    /** Rows and columns of patches of an input. */
    public Size size(StackInput input) {
        Tensor pixels = pixels(input);
        PatchGrid grid = spec.grid();
        long more = spec.projection().rest() == Rest.PADDED ? 1 : 0;
        return new Size(
                (pixels.size(2) + more * (grid.patchHeight() - 1)) / grid.patchHeight(),
                (pixels.size(3) + more * (grid.patchWidth() - 1)) / grid.patchWidth());
    }

    /** Takes the vectors at the given places: [B, P, C] and int64 [B, K] to [B, K, C]. */
    static Tensor chosen(Tensor x_BPC, Tensor place_BK) {
        Shapes.requireIds("patches", place_BK, x_BPC.size(1));
        Tensor place_BK1 = Tensors.beside(place_BK, x_BPC).unsqueeze(2);
        return x_BPC.gather(1, place_BK1.expand(place_BK.size(0), place_BK.size(1), x_BPC.size(2)));
    }

    private Tensor pixels(StackInput input) {
        Tensor pixels = input.features().orElseThrow(() -> new ShapeException("pixel_values: got none"));
        PatchGrid grid = spec.grid();
        boolean anySize = input.patches().interpolate()
                || (spec.projection().rest() == Rest.PADDED && spec.positions() == Positions.NONE);
        if (anySize) {
            Shapes.require("pixel_values", pixels, -1, grid.channels(), -1, -1);
            long least = spec.projection().rest() == Rest.PADDED ? 1 : 0;
            if (pixels.size(2) < (least == 1 ? 1 : grid.patchHeight())
                    || pixels.size(3) < (least == 1 ? 1 : grid.patchWidth())) {
                throw new ShapeException("pixel_values: got " + pixels.size(2) + " x " + pixels.size(3)
                        + " pixels, allowed at least one patch of " + grid.patchHeight() + " x " + grid.patchWidth());
            }
        } else {
            Shapes.require("pixel_values", pixels, -1, grid.channels(), grid.height(), grid.width());
        }
        if (pixels.size(0) == 0) {
            throw new ShapeException("pixel_values: got no image, allowed at least one");
        }
        return pixels;
    }

    /** [B, channels, pixels, pixels] to [B, C, H, W]. */
    private Tensor patches(Tensor pixels) {
        PatchGrid grid = spec.grid();
        Tensor image = Tensors.alike(pixels, weight);
        long right = (grid.patchWidth() - image.size(3) % grid.patchWidth()) % grid.patchWidth();
        long below = (grid.patchHeight() - image.size(2) % grid.patchHeight()) % grid.patchHeight();
        if (spec.projection().rest() == Rest.PADDED && right + below > 0) {
            image = torch.constant_pad_nd(image, 0, right, 0, below);
        }
        return Convolution.ofImages(image, weight, bias, grid.patchHeight(), grid.patchWidth());
    }

    private Tensor masked(Tensor x_BPC, Tensor masked_BP) {
        Tensor token_C = maskToken_C.orElseThrow(
                () -> new ShapeException("bool_masked_pos: got one, but the model has no mask token"));
        Shapes.require("bool_masked_pos", masked_BP, x_BPC.size(0), x_BPC.size(1));
        Tensor hide_BP1 = Tensors.alike(masked_BP.unsqueeze(2), x_BPC);
        return x_BPC.mul(hide_BP1.neg().add(new Scalar(1))).add(token_C.mul(hide_BP1));
    }

    /** The table for this many rows and columns of patches. */
    private Optional<Tensor> positions(long rows, long columns, boolean interpolate) {
        PatchGrid grid = spec.grid();
        if (positions_TC.isEmpty() || !interpolate || (rows == grid.rows() && columns == grid.columns())) {
            return positions_TC;
        }
        Tensor table_TC = positions_TC.get();
        long first = spec.has(Token.CLASS) ? 1 : 0;
        Tensor stretched = PatchPositions.stretched(
                table_TC.narrow(0, first, grid.patches()), grid.rows(), grid.columns(), rows, columns);
        return Optional.of(first == 0 ? stretched : Tensors.cat(0, table_TC.narrow(0, 0, 1), stretched));
    }

    public Spec spec() {
        return spec;
    }
}
