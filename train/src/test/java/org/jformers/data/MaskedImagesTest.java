package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jformers.data.MaskedImages.Hiding;
import org.jformers.data.MaskedImages.Said;
import org.junit.jupiter.api.Test;

/** Every patch is hidden as often as any other, and what is hidden follows from its place in the run. */
final class MaskedImagesTest {
    private static final int IMAGES = 4000;

    /** MAE's numbers: 147 of 196. */
    private static final Hiding NOISE = new Hiding(14, 14, 1, 147, Said.NOISE);

    /** SimMIM's: 22 of 36 squares of 8 x 8 patches, 60 % rounded up. */
    private static final Hiding SQUARES = new Hiding(6, 6, 8, 22, Said.MASK);

    private static MaskedImages images(Hiding hiding) {
        return MaskedImages.of(IMAGES, new long[] {3, 1, 1}, (example, draw) -> new float[3], hiding, 50);
    }

    private static Batch batch(Hiding hiding, Draw draw, int... examples) {
        return images(hiding).collate(examples, draw, 1);
    }

    private static long[] mask(Batch batch) {
        return batch.longs("bool_masked_pos").values();
    }

    private static float[] noise(Batch batch) {
        return ((Batch.Floats) batch.fields().get("noise")).values();
    }

    /** How often each of the places is among what is hidden, beside what is expected. */
    private static double chiSquared(long[] counts, double expected) {
        // A place is hidden or not: the counts vary by a factor of (1 - share) less than those of a Poisson process.
        double share = expected / IMAGES;
        return Arrays.stream(counts).mapToDouble(count -> Math.pow(count - expected, 2) / expected / (1 - share)).sum();
    }

    @Test
    void hidesTheLargestNumbersAndAnyPatchAsOften() {
        long[] counts = new long[196];
        for (int image = 0; image < IMAGES; image++) {
            float[] noise = noise(batch(NOISE, new Draw(1, 0), image));
            float[] sorted = noise.clone();
            Arrays.sort(sorted);
            for (int patch = 0; patch < 196; patch++) {
                assertThat(sorted[patch]).isEqualTo(patch); // no two are the same, so that none is hidden by chance
                counts[patch] += noise[patch] >= 196 - 147 ? 1 : 0;
            }
        }
        assertThat(Arrays.stream(counts).sum()).isEqualTo(147L * IMAGES);
        // One sample of 1,000 is above it, at 195 degrees of freedom.
        assertThat(chiSquared(counts, IMAGES * 147 / 196.0)).isLessThan(262.4);
    }

    @Test
    void hidesWholeSquaresAndAnyAsOften() {
        long[] counts = new long[36];
        for (int image = 0; image < IMAGES; image++) {
            long[] mask = mask(batch(SQUARES, new Draw(1, 0), image));
            assertThat(mask).hasSize(48 * 48);
            for (int patch = 0; patch < mask.length; patch++) {
                int row = patch / 48;
                int column = patch % 48;
                if (mask[patch] != mask[row / 8 * 8 * 48 + column / 8 * 8]) {
                    throw new AssertionError("patch " + patch + " of image " + image + " is not as its square is");
                }
            }
            for (int square = 0; square < 36; square++) {
                counts[square] += mask[square / 6 * 8 * 48 + square % 6 * 8];
            }
            assertThat(Arrays.stream(mask).sum()).isEqualTo(22 * 64);
        }
        // One sample of 1,000 is above it, at 35 degrees of freedom.
        assertThat(chiSquared(counts, IMAGES * 22 / 36.0)).isLessThan(66.6);
    }

    /** Neighbours are hidden together as often as chance has it. */
    @Test
    void hidesPairsIndependently() {
        long both = IntStream.range(0, IMAGES).filter(image -> {
            long[] mask = mask(batch(SQUARES, new Draw(2, 3), image));
            return mask[0] + mask[8] == 2;
        }).count();
        double share = 22.0 / 36 * 21 / 35;
        assertThat((both - IMAGES * share) / Math.sqrt(IMAGES * share * (1 - share))).isBetween(-3.3, 3.3);
    }

    @Test
    void followsFromSeedEpochAndImage() {
        long[] first = mask(batch(SQUARES, new Draw(7, 2), 5));
        Batch among = batch(SQUARES, new Draw(7, 2), 3, 5, 9);
        assertThat(Arrays.copyOfRange(mask(among), 48 * 48, 2 * 48 * 48)).isEqualTo(first);
        assertThat(mask(batch(SQUARES, new Draw(7, 3), 5))).isNotEqualTo(first);
        assertThat(mask(batch(SQUARES, new Draw(8, 2), 5))).isNotEqualTo(first);
        assertThat(mask(batch(SQUARES, new Draw(7, 2), 6))).isNotEqualTo(first);
        assertThat(among.labels()).isEqualTo(3 * 22 * 64);
        assertThat(batch(NOISE, Draw.FIXED, 1, 2).labels()).isEqualTo(2 * 147);
    }

    @Test
    void refusesToHideNothingOrMoreThanThereIs() {
        assertThatThrownBy(() -> new Hiding(2, 3, 1, 0, Said.MASK)).isInstanceOf(DataException.class)
                .hasMessageStartingWith("hidden patches: got 0 of 2 x 3 squares");
        assertThatThrownBy(() -> new Hiding(2, 3, 1, 7, Said.NOISE)).isInstanceOf(DataException.class);
    }
}
