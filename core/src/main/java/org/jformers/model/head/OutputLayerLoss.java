package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The cross-entropy of a linear output layer, without ever holding the scores of all tokens: some tokens at a time go
 * through the layer, and their gradients are worked out while their scores are still in the processor's cache. Scores
 * of a whole batch would be written to memory and read back half a dozen times.
 *
 * <p>Dimensions: R tokens, C width, V vocabulary.
 */
final class OutputLayerLoss {
    /** Scores held at a time: 16 MB of float32. */
    private static final long SCORES = 1L << 22;

    private final Tensor hidden_RC;
    private final Tensor label_R;
    private final Tensor table_VC;
    private final Optional<Tensor> bias_V;
    private final double smoothing;
    private final boolean wantGradients;
    private final ScalarType productType;

    /**
     * @param hidden_RC vectors before the layer
     * @param label_R int64, below V, or {@link Losses#IGNORED}
     * @param table_VC the layer's matrix
     * @param bias_V the layer's constant, if it has one
     * @param smoothing share of the target probability that is spread over all V tokens, in [0, 1)
     */
    OutputLayerLoss(
            Tensor hidden_RC, Tensor label_R, Tensor table_VC, Optional<Tensor> bias_V, double smoothing) {
        Shapes.requireWhole("labels", label_R);
        this.hidden_RC = hidden_RC;
        this.label_R = Tensors.beside(label_R, hidden_RC).to(ScalarType.Long);
        this.table_VC = table_VC;
        this.bias_V = bias_V;
        this.smoothing = smoothing;
        wantGradients = GradMode.is_enabled();
        productType = Precision.productType(Tensors.type(hidden_RC));
    }

    /** Over all tokens that are not ignored; the sum has gradients for hidden, table and bias. */
    Loss of() {
        Tensor right = Tensors.empty(Device.of(hidden_RC), ScalarType.Long).zero_();
        Tensor sum = Precision.withoutAutocast(() -> Scopes.scoped(() -> summed(right)));
        return Loss.of(sum, wantGradients ? Optional.empty() : Optional.of(right));
    }

    private Tensor summed(Tensor right) {
        Gradients gradients = new Gradients();
        Tensor loss;
        try (NoGrad noGrad = new NoGrad()) {
            loss = Tensors.empty(Device.of(hidden_RC), ScalarType.Float).zero_();
            long rows = Math.max(1, SCORES / table_VC.size(0));
            Tensor product_VC = table_VC.to(productType);
            for (long first = 0; first < hidden_RC.size(0); first += rows) {
                long begin = first;
                long count = Math.min(rows, hidden_RC.size(0) - first);
                Scopes.run(() -> loss.add_(some(begin, count, product_VC, gradients, right)));
            }
        }
        return wantGradients ? gradients.carriedBy(loss) : loss;
    }

    /** The loss of some tokens; their gradients are added, or how many are right. */
    private Tensor some(long first, long count, Tensor product_VC, Gradients gradients, Tensor right) {
        Tensor x_rC = hidden_RC.narrow(0, first, count).to(productType);
        Tensor label_r = label_R.narrow(0, first, count);
        Tensor real_r1 = label_r.ne(new Scalar(Losses.IGNORED)).unsqueeze(1);
        Tensor index_r1 = label_r.unsqueeze(1).mul(real_r1.to(ScalarType.Long));
        Tensor score_rV = x_rC.matmul(product_VC.t());
        if (bias_V.isPresent()) {
            score_rV.add_(bias_V.get());
        }
        Tensor logProbability_rV = score_rV.to(ScalarType.Float).log_softmax(1);
        Tensor chosen_r1 = logProbability_rV.gather(1, index_r1);
        Tensor likelihood_r1 = chosen_r1.mul(new Scalar(1 - smoothing));
        if (smoothing > 0) {
            likelihood_r1.add_(logProbability_rV.mean(new long[] {1}, true, new ScalarTypeOptional())
                    .mul(new Scalar(smoothing)));
        }
        if (wantGradients) {
            // softmax - target, in place.
            Tensor slope_rV = logProbability_rV.exp_();
            if (smoothing > 0) {
                slope_rV.sub_(new Scalar(smoothing / table_VC.size(0)));
            }
            slope_rV.scatter_add_(1, index_r1, torch.full_like(likelihood_r1, new Scalar(smoothing - 1)));
            gradients.add(first, x_rC, slope_rV.mul_(real_r1), product_VC);
        } else {
            // One token wins, the first of equals: a model that scores all alike must not be right everywhere.
            Tensor best_r1 = logProbability_rV.argmax(new LongOptional(1), true);
            right.add_(best_r1.eq(index_r1).logical_and(real_r1).sum());
        }
        return likelihood_r1.mul(real_r1).sum().neg();
    }

    /** What one pass over the tokens leaves behind. */
    private final class Gradients {
        private final Tensor hidden = torch.empty_like(hidden_RC.detach());
        private final Optional<Tensor> table = table_VC.requires_grad()
                ? Optional.of(torch.zeros_like(table_VC.detach()))
                : Optional.empty();
        private final Optional<Tensor> bias = bias_V.map(b -> torch.zeros_like(b.detach()));

        void add(long first, Tensor x_rC, Tensor slope_rV, Tensor product_VC) {
            Tensor product_rV = slope_rV.to(productType);
            hidden.narrow(0, first, slope_rV.size(0)).copy_(product_rV.matmul(product_VC));
            if (productType == ScalarType.Float) {
                table.ifPresent(t -> t.addmm_(product_rV.t(), x_rC));
            } else {
                table.ifPresent(t -> t.add_(product_rV.t().matmul(x_rC)));
            }
            bias.ifPresent(b -> b.add_(slope_rV.sum(0)));
        }

        /**
         * The loss as a function whose gradients are these: sums of products with constants have their constants as
         * gradients, and their value is taken off again.
         */
        Tensor carriedBy(Tensor loss) {
            Tensor carrier = hidden_RC.mul(hidden).sum();
            if (table.isPresent()) {
                carrier = carrier.add(table_VC.mul(table.get()).sum());
            }
            if (bias.isPresent()) {
                carrier = carrier.add(bias_V.get().mul(bias.get()).sum());
            }
            return carrier.sub(carrier.detach()).add(loss);
        }
    }
}
