package org.jformers.nn.attention;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Described;
import org.jformers.nn.Module;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.position.RelativeTable;
import org.jformers.nn.position.Rope;

/**
 * How the tokens of a sequence read each other. Kinds: {@link SelfAttention}, {@link
 * DisentangledAttention}, {@link RelativeAttention}, {@link RelativeKeyAttention}.
 *
 * <p>Dimensions: B batch, T tokens given, C width.
 */
public abstract class Attention extends Module {

    /** [B, T, C] to [B, T, C]. */
    public abstract AttentionOutput forward(Tensor x_BTC, AttentionContext context);

    /** Attention as data. */
    public interface Spec extends Described {
        /** C. */
        int width();

        /** Who may attend to whom. */
        Mask mask();

        /** The rotation of queries and keys, if order enters that way; the stack prepares it once per pass. */
        default Optional<Rope.Spec> rope() {
            return Optional.empty();
        }

        /** The vectors of distances, if order enters that way; the stack has one table for all layers that name it. */
        default Optional<RelativeTable.Spec> relative() {
            return Optional.empty();
        }

        /**
         * The same without some heads, numbered from 0, at least one of which stays.
         *
         * @throws IllegalArgumentException if there are no such heads, or this kind cannot do without some
         */
        default Spec withoutHeads(Set<Integer> heads) {
            throw new IllegalArgumentException("pruned heads: got " + heads + ", allowed none in " + this);
        }

        Attention build();
    }
}
