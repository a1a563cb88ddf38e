package org.jformers.nn.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.Span;
import org.jformers.tensor.Tensors;

/**
 * What the rows of a pass remember in one layer. The tokens of a pass are those of several rows of a cache, one in each
 * row of the batch or one behind the other in a single one, and each sees those of its own row alone.
 *
 * <p>Dimensions: B batch, N query heads, G key/value heads, T tokens given, S tokens in all, D head width.
 *
 * @param layer its number
 * @param parts the rows, in the order of their tokens
 */
public record LayerCache(int layer, List<Part> parts) {
    /**
     * The tokens of one row.
     *
     * @param place whose they are, and where they stand
     * @param allowed which of the row's tokens they see, of those that the layer still has
     * @param memory which vectors of the encoder's output
     */
    public record Part(Place place, Allowed allowed, Allowed memory) {}

    /**
     * Where tokens of a row stand.
     *
     * @param row the row
     * @param rows of the batch, one
     * @param tokens of these
     */
    public record Place(CachedRow row, Span rows, Span tokens) {
        Tensor of(Tensor x_BNTD) {
            return tokens.of(rows.of(x_BNTD, 0), 2);
        }
    }

    /** Whether its rows remember an encoder's output. */
    public boolean hasMemory() {
        return parts.get(0).place().row().hasMemory();
    }

    AttentionOutput attend(
            AttentionKernel kernel, Tensor q_BNTD, Tensor k_BGTD, Tensor v_BGTD, boolean training,
            boolean wantWeights) {
        Tensor keptK_BGTD = AttentionKernel.kept(k_BGTD);
        Tensor keptV_BGTD = AttentionKernel.kept(v_BGTD);
        Tensor used_BNTD = q_BNTD.to(Tensors.type(keptK_BGTD));
        AttentionOutput output = joined(q_BNTD.size(0) > 1, parts, part -> {
            CachedRow row = part.place().row();
            row.append(layer, part.place().of(keptK_BGTD), part.place().of(keptV_BGTD));
            Tensor keys = row.keys(layer);
            Tensor own_BNTD = part.place().of(used_BNTD).to(Tensors.type(keys)); // a file's may have another type
            return kernel.attend(own_BNTD, keys, row.values(layer), part.allowed(), training, wantWeights);
        });
        return new AttentionOutput(output.context().to(Tensors.type(q_BNTD)), output.weights());
    }

    AttentionOutput attendMemory(AttentionKernel kernel, Tensor q_BNTD, boolean training, boolean wantWeights) {
        boolean batched = q_BNTD.size(0) > 1;
        return joined(batched, batched ? parts : together(), part -> {
            CrossKeys read = part.place().row().memory().orElseThrow();
            return kernel.attend(part.place().of(q_BNTD), read.keys(layer), read.values(layer), part.memory(), training,
                    wantWeights);
        });
    }

    /** Rows side by side that read the same memory, all of it, ask together. */
    private List<Part> together() {
        List<Part> joined = new ArrayList<>();
        for (Part part : parts) {
            Part before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (before != null && before.memory() == part.memory()
                    && before.place().row().sharesMemory(part.place().row())) {
                Place place = before.place();
                Span tokens = Span.of(place.tokens().start(), part.place().tokens().end());
                joined.set(joined.size() - 1, new Part(
                        new Place(place.row(), place.rows(), tokens), before.allowed(), before.memory()));
            } else {
                joined.add(part);
            }
        }
        return joined;
    }

    private static AttentionOutput joined(
            boolean batched, List<Part> parts, Function<Part, AttentionOutput> attending) {
        if (parts.size() == 1) {
            return attending.apply(parts.get(0));
        }
        List<Tensor> contexts = new ArrayList<>();
        List<Tensor> weights = new ArrayList<>();
        for (Part part : parts) {
            AttentionOutput one = attending.apply(part);
            contexts.add(one.context());
            one.weights().ifPresent(weights::add);
        }
        int along = batched ? 0 : 2;
        return new AttentionOutput(
                Tensors.cat(along, contexts.toArray(Tensor[]::new)),
                weights.isEmpty() ? Optional.empty() : Optional.of(Tensors.cat(along, weights.toArray(Tensor[]::new))));
    }
}
