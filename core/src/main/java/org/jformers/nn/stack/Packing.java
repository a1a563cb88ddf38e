package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.Documents;
import org.jformers.tensor.Tensors;

/**
 * A padded batch whose texts are put one behind the other into fewer and fuller rows, so that no work is done on
 * padding. Within a row a text sees nothing but itself. Source: arXiv:2107.02027, 3; the longest text that still fits
 * is put to each row, first-fit decreasing.
 *
 * <p>Dimensions: B rows of the padded batch, T its length, P rows here, R their length, C width.
 */
final class Packing {
    /** Lengths of rows are multiples of this, since the engine compiles its products for each shape that comes by. */
    private static final int UNIT = 32;
    /** The same of one row of all texts, where fewer shapes are worth a few more places. */
    private static final int ROW_UNIT = 256;
    /**
     * Length of rows in bfloat16 whose texts are no longer: from here on the engine's attention computes in bfloat16,
     * and a row takes it hardly longer than each of its texts would.
     */
    private static final int SHARED_ROW = 64;
    /** Share of the places of the padded batch that may be left for packing to be worth its while. */
    private static final double WORTHWHILE = 0.9;

    private final long batch;
    private final long length;
    private final long rows;
    private final long width;
    private final StackInput in;
    private final Tensor positions;
    private final Tensor real_BT;
    private final Tensor source_PR;
    private final Tensor place_BT;
    private final Tensor text_PR;
    private final Tensor position_PR;

    /** The lengths of the texts and where each goes. */
    private record Plan(int[] lengths, int width, int[] row, int[] start, int rows) {}

    private Packing(StackInput in, Tensor positions, Tensor real_BT, Plan plan) {
        this.in = in;
        this.positions = positions;
        this.real_BT = real_BT;
        batch = real_BT.size(0);
        length = real_BT.size(1);
        rows = plan.rows();
        width = plan.width();
        int cells = plan.rows() * plan.width();
        long[] source = new long[cells];
        long[] text = new long[cells];
        long[] position = new long[cells];
        long[] place = new long[Math.toIntExact(batch * length)];
        Arrays.fill(text, -1); // places that are left see each other, so that they stay finite
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < plan.lengths()[b]; t++) {
                int padded = (int) (b * length + t);
                int cell = plan.row()[b] * plan.width() + plan.start()[b] + t;
                source[cell] = padded;
                text[cell] = b;
                position[cell] = t;
                place[padded] = cell;
            }
        }
        source_PR = Tensors.ofLongs(source, cells);
        text_PR = Tensors.ofLongs(text, rows, width);
        position_PR = Tensors.ofLongs(position, rows, width);
        place_BT = Tensors.ofLongs(place, place.length);
    }

    /**
     * The packing of a batch; empty if it saves too little, if there is padding elsewhere than behind the texts, or if
     * the shapes are not those of a batch.
     *
     * @param in tokens and what is said of them
     * @param positions of the tokens, int64 [T] or [B, T]
     * @param real_BT bool, true for tokens and false for padding
     */
    static Optional<Packing> of(StackInput in, Tensor positions, Tensor real_BT) {
        return planned(in, positions, real_BT)
                .map(Packing::plan)
                .filter(plan -> plan.rows() * (long) plan.width() <= WORTHWHILE * real_BT.numel())
                .map(plan -> new Packing(in, positions, real_BT, plan));
    }

    /**
     * The packing of a batch that no gradients are asked of: into a single row, texts of one length side by side, or
     * short ones into short rows; empty if there is padding elsewhere than behind the texts, or if the shapes are not
     * those of a batch.
     *
     * @param type of matrix products
     */
    static Optional<Packing> ofForward(StackInput in, Tensor positions, Tensor real_BT, ScalarType type) {
        return planned(in, positions, real_BT).map(lengths -> {
            boolean rows = type == ScalarType.BFloat16 && Arrays.stream(lengths).max().orElseThrow() <= SHARED_ROW
                    && Arrays.stream(lengths).sum() > ROW_UNIT;
            return new Packing(in, positions, real_BT, rows ? plan(lengths, SHARED_ROW) : line(lengths));
        });
    }

    /** The lengths of the texts, if they can be packed. */
    private static Optional<int[]> planned(StackInput in, Tensor positions, Tensor real_BT) {
        long[] shape = {in.batch(), in.length()};
        boolean fits = Stream.of(in.places().segments(), in.places().languages(), Optional.of(real_BT))
                .flatMap(Optional::stream)
                .allMatch(tensor -> Arrays.equals(tensor.shape(), shape));
        boolean placed = Arrays.equals(positions.shape(), shape)
                || Arrays.equals(positions.shape(), new long[] {in.length()});
        return fits && placed ? lengths(real_BT) : Optional.empty();
    }

    /** How many tokens come first in each row, bool [B, T]; empty if there are more behind them, or none. */
    static Optional<int[]> lengths(Tensor real_BT) {
        long[] real = Tensors.toLongs(real_BT);
        int length = Math.toIntExact(real_BT.size(1));
        int[] lengths = new int[real.length / length];
        for (int b = 0; b < lengths.length; b++) {
            int t = 0;
            while (t < length && real[b * length + t] != 0) {
                t++;
            }
            lengths[b] = t;
            while (t < length && real[b * length + t] == 0) {
                t++;
            }
            if (lengths[b] == 0 || t < length) {
                return Optional.empty();
            }
        }
        return Optional.of(lengths);
    }

    private static Plan line(int[] lengths) {
        int[] start = new int[lengths.length];
        int[] end = new int[1];
        IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparingInt(b -> lengths[b]))
                .forEach(b -> {
                    start[b] = end[0];
                    end[0] += lengths[b];
                });
        int unit = end[0] > 2 * ROW_UNIT ? ROW_UNIT : UNIT;
        return new Plan(lengths, (end[0] + unit - 1) / unit * unit, new int[lengths.length], start, 1);
    }

    private static Plan plan(int[] lengths) {
        int longest = Arrays.stream(lengths).max().orElseThrow();
        return plan(lengths, (longest + UNIT - 1) / UNIT * UNIT);
    }

    /** @param width of the rows, at least that of the longest text */
    private static Plan plan(int[] lengths, int width) {
        int[] row = new int[lengths.length];
        int[] start = new int[lengths.length];
        List<Integer> filled = new ArrayList<>();
        IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparingInt(b -> -lengths[b]))
                .forEach(b -> {
                    int p = 0;
                    while (p < filled.size() && filled.get(p) + lengths[b] > width) {
                        p++;
                    }
                    if (p == filled.size()) {
                        filled.add(0);
                    }
                    row[b] = p;
                    start[b] = filled.get(p);
                    filled.set(p, start[b] + lengths[b]);
                });
        return new Plan(lengths, width, row, start, filled.size());
    }

    /** What enters, [P, R] in place of [B, T]. */
    StackInput input() {
        return StackInput.of(in.ids().map(this::packed), in.embeds().map(this::packed))
                .withPlaces(new StackInput.Places(
                        Optional.of(packed(positions.expand(batch, length))),
                        in.places().segments().map(this::packed),
                        in.places().languages().map(this::packed)))
                .withMasks(BatchMasks.ofReal(Optional.of(torch.ones_like(text_PR).to(ScalarType.Bool)))
                        .withDocuments(new Documents(text_PR, position_PR)))
                .withHeads(in.heads());
    }

    /** [B, T] to [P, R], or [B, T, C] to [P, R, C]. Places that are left get what the first token has. */
    private Tensor packed(Tensor x) {
        Tensor chosen = Tensors.pick(x.reshape(flat(x, batch * length)), 0, source_PR);
        return x.dim() == 3 ? chosen.view(rows, width, x.size(2)) : chosen.view(rows, width);
    }

    private static long[] flat(Tensor x, long places) {
        return x.dim() == 3 ? new long[] {places, x.size(2)} : new long[] {places};
    }

    /** [P, R, C] to [B, T, C] with zeros at padding. */
    Tensor unpacked(Tensor hidden_PRC) {
        return Tensors.pick(hidden_PRC.flatten(0, 1), 0, place_BT)
                .view(batch, length, hidden_PRC.size(2))
                .mul(Tensors.alike(real_BT, hidden_PRC).unsqueeze(2));
    }
}
