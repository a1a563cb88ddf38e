package org.jformers.model.head;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.stack.AdaptiveInput;
import org.jformers.nn.stack.AdaptiveInput.Clusters;
import org.jformers.nn.stack.Entrance;
import org.jformers.tensor.Device;
import org.jformers.tensor.Tensors;

/**
 * Log-probabilities of a vocabulary in clusters: the frequent tokens compete with the clusters of rare ones, and those
 * among each other. Source: arXiv:1609.04309; with maps per cluster, Transformer-XL, arXiv:1901.02860.
 *
 * <p>Dimensions: B batch, T tokens, R rows, C width, E width of a cluster's vectors, V vocabulary, X ids of a cluster.
 */
public final class AdaptiveSoftmaxHead extends Head {
    private final Spec spec;
    private final Clusters clusters;
    private final List<Tensor> tables = new ArrayList<>();
    private final List<Tensor> biases = new ArrayList<>();
    private final List<Optional<Tensor>> maps = new ArrayList<>();
    private final Optional<Tensor> clusterWeight;
    private final Optional<Tensor> clusterBias;

    /**
     * @param tied whether the tables are those of the entrance
     * @param tiedMaps per cluster whether its map is the one of the entrance
     */
    public record Spec(boolean tied, List<Boolean> tiedMaps) implements Head.Spec {
        public Spec {
            tiedMaps = List.copyOf(tiedMaps);
        }

        @Override
        public AdaptiveSoftmaxHead build(Optional<Embedding> tokens) {
            throw new IllegalArgumentException("adaptive softmax: got no clusters, allowed on an adaptive input");
        }

        @Override
        public AdaptiveSoftmaxHead build(Entrance entrance) {
            return new AdaptiveSoftmaxHead(this, (AdaptiveInput) entrance);
        }
    }

    private AdaptiveSoftmaxHead(Spec spec, AdaptiveInput input) {
        this.spec = spec;
        clusters = input.spec().clusters();
        int width = input.spec().width();
        boolean one = clusters.divisor() == 1;
        for (int i = 0; i < clusters.tables(); i++) {
            int entries = one ? clusters.vocabulary() : clusters.size(i);
            tables.add(spec.tied()
                    ? input.tables().get(i)
                    : parameter("tables." + i, Role.WEIGHT, entries, clusters.width(i)));
            biases.add(parameter("biases." + i, Role.BIAS, entries));
        }
        for (int i = 0; i < clusters.count(); i++) {
            boolean shared = i < spec.tiedMaps().size() && spec.tiedMaps().get(i);
            Optional<Tensor> own = input.maps().get(one ? 0 : i);
            maps.add(own.isEmpty() || shared
                    ? own
                    : Optional.of(parameter("maps." + i, Role.WEIGHT, width, clusters.width(i))));
        }
        int rare = clusters.count() - 1;
        clusterWeight = rare > 0
                ? Optional.of(parameter("clusterWeight", Role.WEIGHT, rare, clusters.width()))
                : Optional.empty();
        clusterBias = rare > 0 ? Optional.of(parameter("clusterBias", Role.BIAS, rare)) : Optional.empty();
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        if (inputs.find("labels").isPresent()) {
            losses(hidden_BTC, inputs.find("labels").get(), output);
            return;
        }
        Tensor scores_BTV = logProbabilities(hidden_BTC.flatten(0, 1))
                .view(hidden_BTC.size(0), hidden_BTC.size(1), clusters.vocabulary());
        output.put("prediction_scores", scores_BTV).put("logits", scores_BTV);
    }

    /** [R, C] to log-probabilities [R, V]. */
    public Tensor logProbabilities(Tensor hidden_RC) {
        Tensor head_RX = head(hidden_RC);
        if (clusters.count() == 1) {
            return head_RX;
        }
        TensorVector parts = new TensorVector();
        int frequent = clusters.ends().get(0);
        parts.push_back(head_RX.narrow(1, 0, frequent));
        for (int i = 1; i < clusters.count(); i++) {
            parts.push_back(head_RX.narrow(1, frequent + i - 1L, 1).add(tail(hidden_RC, i)));
        }
        return torch.cat(parts, 1);
    }

    /** The loss of positions [B, T, C], each against the id that its label gives; -100 is ignored. */
    @Override
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        Tensor labels_BT = inputs.require("labels");
        return Loss.of(losses(hidden_BTC.flatten(0, -2), labels_BT.flatten()).sum(), Optional.empty());
    }

    private Tensor losses(Tensor hidden_RC, Tensor labels_R) {
        return clusters.count() == 1 ? plain(hidden_RC, labels_R) : byCluster(hidden_RC, labels_R);
    }

    /**
     * Losses of the next tokens and their mean. As in the reference, the losses stand in the order of clusters, those
     * of ignored labels last and zero, and zeros are not counted.
     */
    private void losses(Tensor hidden_BTC, Tensor labels_BT, ModelOutput output) {
        long last = labels_BT.size(1) - 1;
        Tensor hidden_RC = hidden_BTC.narrow(1, 0, last).flatten(0, 1);
        Tensor labels_R = labels_BT.narrow(1, 1, last).flatten();
        Tensor losses_R = losses(hidden_RC, labels_R);
        Tensor counted = losses_R.masked_select(losses_R.ne(new Scalar(0)));
        output.put("losses", losses_R.view(labels_BT.size(0), last)).put("loss", counted.mean());
    }

    private Tensor plain(Tensor hidden_RC, Tensor labels_R) {
        Tensor label_R = Tensors.beside(labels_R, hidden_RC);
        Tensor ignored_R = label_R.eq(new Scalar(Losses.IGNORED));
        Tensor index_R1 = label_R.masked_fill(ignored_R, new Scalar(0L)).unsqueeze(1);
        return head(hidden_RC).gather(1, index_R1).squeeze(1).neg().masked_fill(ignored_R, new Scalar(0));
    }

    private Tensor byCluster(Tensor hidden_RC, Tensor labels_R) {
        Tensor head_RX = head(hidden_RC);
        int frequent = clusters.ends().get(0);
        TensorVector parts = new TensorVector();
        long found = 0;
        for (int i = 0; i < clusters.count(); i++) {
            Tensor rows = labels_R.ge(new Scalar((long) clusters.begin(i)))
                    .logical_and(labels_R.lt(new Scalar((long) clusters.ends().get(i)))).nonzero().flatten();
            if (rows.size(0) == 0) {
                continue;
            }
            found += rows.size(0);
            Tensor inside_R = labels_R.index_select(0, rows).sub(new Scalar((long) clusters.begin(i)));
            Tensor inside_R1 = Tensors.beside(inside_R, hidden_RC).unsqueeze(1);
            Tensor own_RX = Rows.of(head_RX, rows);
            parts.push_back(i == 0
                    ? own_RX.gather(1, inside_R1).squeeze(1).neg()
                    : own_RX.select(1, frequent + i - 1L)
                            .add(tail(Rows.of(hidden_RC, rows), i).gather(1, inside_R1).squeeze(1)).neg());
        }
        parts.push_back(Tensors.empty(Device.of(head_RX), ScalarType.Float, labels_R.size(0) - found).zero_());
        return torch.cat(parts, 0);
    }

    /** Log-probabilities of the frequent tokens, then of the clusters of rare ones. */
    private Tensor head(Tensor hidden_RC) {
        Tensor weight = rows(tables, 0);
        Tensor bias = rows(biases, 0);
        if (clusterWeight.isPresent()) {
            weight = Tensors.cat(0, weight, clusterWeight.get());
            bias = Tensors.cat(0, bias, clusterBias.get());
        }
        return scored(hidden_RC, 0, weight, bias);
    }

    /** Log-probabilities of the tokens of a cluster among each other. */
    private Tensor tail(Tensor hidden_RC, int cluster) {
        return scored(hidden_RC, cluster, rows(tables, cluster), rows(biases, cluster));
    }

    private Tensor rows(List<Tensor> of, int cluster) {
        return clusters.divisor() == 1
                ? of.get(0).narrow(0, clusters.begin(cluster), clusters.size(cluster))
                : of.get(cluster);
    }

    private Tensor scored(Tensor hidden_RC, int cluster, Tensor weight, Tensor bias) {
        Tensor narrow = maps.get(cluster).isPresent() ? hidden_RC.matmul(maps.get(cluster).get()) : hidden_RC;
        return Linear.apply(narrow, weight, Optional.of(bias)).to(ScalarType.Float).log_softmax(-1);
    }

    /** What the head is. */
    public Spec spec() {
        return spec;
    }
}
