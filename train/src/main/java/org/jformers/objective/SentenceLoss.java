package org.jformers.objective;

import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.data.Batch;
import org.jformers.model.head.Losses;
import org.jformers.model.head.SentencePooling;
import org.jformers.tensor.Tensors;

/**
 * What vectors of texts that belong together should be like. Reference: sentence-transformers 6.0, {@code
 * sentence_transformer/losses}.
 *
 * <p>Dimensions: B rows, C components of a vector, R texts that the first ones are compared with: the second ones of
 * the rows, B of them, then any others.
 */
public sealed interface SentenceLoss {

    /**
     * The loss of a batch, as a sum over what {@link #count} counts.
     *
     * @param anchors_BC vectors of the first texts
     * @param others_RC vectors of all others, those of the second texts first
     * @param batch holds the scores as {@code labels}, where the loss reads them
     */
    Tensor sum(Tensor anchors_BC, Tensor others_RC, Batch batch);

    /** By what the sum is divided. */
    default double count(Batch batch) {
        return batch.examples();
    }

    /**
     * Each second text is to be found among all texts of the batch that are no first ones ({@code
     * MultipleNegativesRankingLoss}; arXiv:1705.00652, 4.4).
     *
     * @param scale factor on the cosines
     */
    record InBatchNegatives(double scale) implements SentenceLoss {
        @Override
        public Tensor sum(Tensor anchors_BC, Tensor others_RC, Batch batch) {
            Tensor scores_BR = SentencePooling.unit(anchors_BC)
                    .mm(SentencePooling.unit(others_RC).transpose(0, 1))
                    .mul(new Scalar(scale));
            return Losses.crossEntropySum(scores_BR, Tensors.range(0, anchors_BC.size(0)), 0);
        }
    }

    /** Cosines are to be the scores ({@code CosineSimilarityLoss}, squared errors; arXiv:1908.10084, 3). */
    record Cosine() implements SentenceLoss {
        @Override
        public Tensor sum(Tensor anchors_BC, Tensor others_RC, Batch batch) {
            Tensor score_B = Tensors.beside(BatchTensors.of(labels(batch)), anchors_BC);
            return cosine(anchors_BC, others_RC).sub(score_B).square().sum();
        }
    }

    /**
     * A second text is to be nearer than a third one ({@code TripletLoss}; arXiv:1703.07737).
     *
     * @param margin by how much at least
     */
    record Triplet(Distance distance, double margin) implements SentenceLoss {
        @Override
        public Tensor sum(Tensor anchors_BC, Tensor others_RC, Batch batch) {
            long rows = anchors_BC.size(0);
            Tensor near_B = distance.between(anchors_BC, others_RC.narrow(0, 0, rows));
            Tensor far_B = distance.between(anchors_BC, others_RC.narrow(0, rows, rows));
            return near_B.sub(far_B).add(new Scalar(margin)).relu().sum();
        }
    }

    /**
     * Texts of score 1 are to be near, those of score 0 far ({@code ContrastiveLoss}; Hadsell, Chopra, LeCun,
     * "Dimensionality Reduction by Learning an Invariant Mapping", CVPR 2006).
     *
     * @param margin how far at least
     */
    record Contrastive(Distance distance, double margin) implements SentenceLoss {
        @Override
        public Tensor sum(Tensor anchors_BC, Tensor others_RC, Batch batch) {
            Tensor score_B = Tensors.beside(BatchTensors.of(labels(batch)), anchors_BC);
            Tensor distance_B = distance.between(anchors_BC, others_RC);
            Tensor near_B = distance_B.square().mul(score_B);
            Tensor far_B = distance_B.neg().add(new Scalar(margin)).relu().square()
                    .mul(score_B.neg().add(new Scalar(1)));
            return near_B.add(far_B).sum().mul(new Scalar(0.5));
        }
    }

    /**
     * The same of the hard ones of a batch alone: near texts that are farther apart than some far ones, and the other
     * way round ({@code OnlineContrastiveLoss}). It is a sum over the batch, not a mean.
     *
     * @param margin how far at least
     */
    record OnlineContrastive(Distance distance, double margin) implements SentenceLoss {
        @Override
        public Tensor sum(Tensor anchors_BC, Tensor others_RC, Batch batch) {
            Tensor distance_B = distance.between(anchors_BC, others_RC);
            float[] scores = ((Batch.Floats) labels(batch)).values();
            Tensor near = Tensors.pick(distance_B, 0, rows(scores, 1));
            Tensor far = Tensors.pick(distance_B, 0, rows(scores, 0));
            Tensor least = far.numel() > 1 ? far.min() : near.mean();
            Tensor most = near.numel() > 1 ? near.max() : far.mean();
            Tensor pulled = near.square().mul(near.gt(least));
            Tensor pushed = far.neg().add(new Scalar(margin)).relu().square().mul(far.lt(most));
            return pulled.sum().add(pushed.sum());
        }

        private static Tensor rows(float[] scores, float score) {
            long[] rows = IntStream.range(0, scores.length).filter(row -> scores[row] == score).asLongStream()
                    .toArray();
            return Tensors.ofLongs(rows, rows.length);
        }

        @Override
        public double count(Batch batch) {
            return 1;
        }
    }

    /** How far vectors are apart. */
    enum Distance {
        /** 1 - cosine. */
        COSINE {
            @Override
            Tensor between(Tensor a_BC, Tensor b_BC) {
                return cosine(a_BC, b_BC).neg().add(new Scalar(1));
            }
        },
        /** The length of their difference. */
        EUCLIDEAN {
            @Override
            Tensor between(Tensor a_BC, Tensor b_BC) {
                return torch.pairwise_distance(a_BC, b_BC, 2, 0, false);
            }
        };

        /** Distances [B] of rows. */
        abstract Tensor between(Tensor a_BC, Tensor b_BC);
    }

    private static Tensor cosine(Tensor a_BC, Tensor b_BC) {
        return torch.cosine_similarity(a_BC, b_BC, 1, 1e-8);
    }

    private static Batch.Field labels(Batch batch) {
        return Objects.requireNonNull(batch.fields().get("labels"), "the losses of scores have labels");
    }
}
