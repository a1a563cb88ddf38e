package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Device;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Token vectors that are the narrower the rarer their tokens, each brought to the width of the layers by a map of its
 * cluster. Source: arXiv:1809.10853, 2.1; multiplied by sqrt(C) as in Transformer-XL, arXiv:1901.02860.
 *
 * <p>Dimensions: B batch, T tokens, C width, E width of a cluster's vectors, R rows at work.
 */
public final class AdaptiveInput extends Entrance {
    private final Spec spec;
    private final List<Embedding> tables;
    private final List<Optional<Tensor>> maps;
    private final Dropout dropout;
    private final Scalar scale;

    /**
     * @param clusters how the vocabulary is divided
     * @param width C
     * @param dropout rate on the vectors, in [0, 1)
     */
    public record Spec(Clusters clusters, int width, double dropout) implements Entrance.Spec {
        @Override
        public OptionalInt room() {
            return OptionalInt.empty();
        }

        @Override
        public AdaptiveInput build() {
            return new AdaptiveInput(this);
        }

        @Override
        public AdaptiveInput build(Embedding shared) {
            throw new IllegalArgumentException("adaptive input: got a table to share, allowed its own tables");
        }
    }

    /**
     * A vocabulary in order of frequency, divided.
     *
     * @param ends where each cluster ends, the last at the size of the vocabulary
     * @param width E of the first cluster
     * @param divisor each cluster's vectors are narrower than those before by this factor; 1 for one table of all
     */
    public record Clusters(List<Integer> ends, int width, int divisor) {
        public Clusters {
            ends = List.copyOf(ends);
            List<Integer> all = ends;
            boolean rising = IntStream.range(0, all.size()).allMatch(i -> all.get(i) > (i == 0 ? 0 : all.get(i - 1)));
            if (!rising || divisor < 1 || width / Math.pow(divisor, all.size() - 1) < 1) {
                throw new IllegalArgumentException("clusters: got ends " + ends + ", width " + width + ", divisor "
                        + divisor + ", allowed rising ends, and widths that stay at least 1");
            }
        }

        /** Number of clusters. */
        public int count() {
            return ends.size();
        }

        /** First id of a cluster. */
        public int begin(int cluster) {
            return cluster == 0 ? 0 : ends.get(cluster - 1);
        }

        /** Number of ids of a cluster. */
        public int size(int cluster) {
            return ends.get(cluster) - begin(cluster);
        }

        /** E of a cluster. */
        public int width(int cluster) {
            return width / (int) Math.pow(divisor, cluster);
        }

        /** Number of all ids. */
        public int vocabulary() {
            return ends.get(count() - 1);
        }

        /** Number of tables: one per cluster, or one of all. */
        public int tables() {
            return divisor == 1 ? 1 : count();
        }
    }

    private AdaptiveInput(Spec spec) {
        this.spec = spec;
        Clusters clusters = spec.clusters();
        List<Embedding> built = new ArrayList<>();
        List<Optional<Tensor>> projections = new ArrayList<>();
        for (int i = 0; i < clusters.tables(); i++) {
            int entries = clusters.divisor() == 1 ? clusters.vocabulary() : clusters.size(i);
            built.add(new Embedding.Spec(entries, clusters.width(i), -1).build());
            // A cluster as wide as the layers has a map too, unless there is one table.
            boolean mapped = clusters.divisor() != 1 || clusters.width() != spec.width();
            projections.add(mapped
                    ? Optional.of(parameter("maps." + i, Role.WEIGHT, spec.width(), clusters.width(i)))
                    : Optional.empty());
        }
        tables = children("tables", built);
        maps = List.copyOf(projections);
        dropout = new Dropout(spec.dropout());
        scale = Tensors.constant(Math.sqrt(spec.width()));
    }

    @Override
    public Set<String> takes() {
        return Set.of("input_ids", "inputs_embeds");
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor x_BTC = input.embeds()
                .map(given -> Tensors.beside(given, tables.get(0).table()))
                .orElseGet(() -> vectors(input.ids().get()).mul(scale));
        return dropout.forward(x_BTC, training());
    }

    private Tensor vectors(Tensor ids_BT) {
        Clusters clusters = spec.clusters();
        Shapes.requireIds("input_ids", ids_BT, clusters.vocabulary());
        if (tables.size() == 1 && clusters.divisor() == 1) {
            return mapped(0, ids_BT);
        }
        Tensor ids_R = ids_BT.flatten();
        Tensor vector_RC = null;
        for (int i = 0; i < clusters.count(); i++) {
            Tensor rows = ids_R.ge(new Scalar((long) clusters.begin(i)))
                    .logical_and(ids_R.lt(new Scalar((long) clusters.ends().get(i)))).nonzero().flatten();
            Tensor inside = ids_R.index_select(0, rows).sub(new Scalar((long) clusters.begin(i)));
            Tensor found = mapped(i, inside);
            Tensor sofar_RC = vector_RC == null
                    ? Tensors.empty(
                            Device.of(found), Tensors.type(found), ids_R.size(0), spec.width()).zero_()
                    : vector_RC;
            vector_RC = Tensors.shaped(sofar_RC, sofar_RC.shape(), () ->
                    sofar_RC.index_add(0, Tensors.beside(rows, found), found));
        }
        return Objects.requireNonNull(vector_RC, "there is at least one cluster")
                .view(ids_BT.size(0), ids_BT.size(1), spec.width());
    }

    private Tensor mapped(int table, Tensor ids) {
        Tensor vectors = tables.get(table).forward(ids);
        return maps.get(table).isPresent() ? Linear.apply(vectors, maps.get(table).get(), Optional.empty()) : vectors;
    }

    /** The tables [entries, E], of each cluster or one of all. */
    public List<Tensor> tables() {
        return tables.stream().map(Embedding::table).toList();
    }

    /** The maps [C, E] of the tables, where there are any. */
    public List<Optional<Tensor>> maps() {
        return maps;
    }

    public Spec spec() {
        return spec;
    }
}
