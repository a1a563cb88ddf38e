package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What {@link RelativeAttention} reads besides the tokens given.
 *
 * <p>Dimensions: B batch, T tokens of the segment, M tokens of the memory, S = M + T, P = S + T distances, C width, N
 * heads, D head width, K targets.
 *
 * @param memory_BMC states of earlier segments, whose keys and values stand before those of the tokens
 * @param source_BTC the tokens that keys and values come from, where they are not those that ask: XLNet's query stream
 * @param wave_BPC the vector of each distance from S down to 1 - T, [1 or B, P, C]
 * @param otherSegment_B1TS int64, 1 where query and key are of different segments; only where segments are given
 * @param target_BKT for queries that stand for K targets: which token each of them is, as weights
 * @param biases those of all layers, where they share them
 */
public record Recurrence(
        Optional<Tensor> memory_BMC,
        Optional<Tensor> source_BTC,
        Tensor wave_BPC,
        Optional<Tensor> otherSegment_B1TS,
        Optional<Tensor> target_BKT,
        Optional<Biases> biases) {

    /**
     * What is added to queries.
     *
     * @param content_ND before they meet keys of tokens (u)
     * @param position_ND before they meet keys of distances (v)
     */
    public record Biases(Tensor content_ND, Tensor position_ND) {}

    /** The same with another memory. */
    public Recurrence withMemory(Tensor other_BMC) {
        return new Recurrence(Optional.of(other_BMC), source_BTC, wave_BPC, otherSegment_B1TS, target_BKT, biases);
    }
}
