package org.jformers.nn.attention;

import java.util.Optional;
import org.jformers.nn.mask.Visibility.Allowed;
import org.jformers.nn.position.Rope;

/**
 * What surrounds the tokens that an attention reads, in one layer of one pass.
 *
 * @param allowed what the layer's mask and the padding allow, as bias on the scores [1 or B, 1 or N, T, S]
 * @param rotation angles of the tokens given, for attention with rotary positions
 * @param cache keys and values of earlier tokens; those of the tokens given are added to it
 * @param wantWeights whether to return attention weights
 */
public record AttentionContext(
        Allowed allowed,
        Optional<Rope.Rotation> rotation,
        Optional<KeyValueCache.Layer> cache,
        boolean wantWeights) {}
