package org.jformers.nn.feedforward;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/**
 * Several feed-forward parts, of which a router chooses one for each token and weighs its output. Each has so many
 * places per sequence; tokens that come too late get zeros, so that only the residual stream carries them on. Source:
 * arXiv:2101.03961, 2.1 and 2.2 (Switch Transformers).
 *
 * <p>Dimensions: B batch, T tokens, C width, X experts. The router computes in float32.
 */
public final class SwitchedExperts extends FeedForward {
    private final Spec spec;
    private final Linear router;
    private final List<FeedForward> experts;

    /**
     * @param expert every one of the X parts
     * @param experts X
     * @param capacity how many tokens of a sequence an expert reads
     * @param routerBias whether the router adds a constant
     * @param jitter in training the input is multiplied by uniform numbers within 1 - jitter and 1 + jitter
     */
    public record Spec(FeedForward.Spec expert, int experts, int capacity, boolean routerBias, double jitter)
            implements FeedForward.Spec {
        public Spec {
            if (experts < 1 || capacity < 0 || !(jitter >= 0 && jitter < 1)) {
                throw new IllegalArgumentException("switched experts: got " + experts + " experts for " + capacity
                        + " tokens each and jitter " + jitter + ", allowed >= 1, >= 0, and [0, 1)");
            }
        }

        @Override
        public int width() {
            return expert.width();
        }

        @Override
        public SwitchedExperts build() {
            return new SwitchedExperts(this);
        }
    }

    private SwitchedExperts(Spec spec) {
        this.spec = spec;
        router = child("router", new Linear.Spec(
                spec.width(), spec.experts(), spec.routerBias(), Role.WEIGHT).build());
        experts = children("experts", Stream.generate(spec.expert()::build).limit(spec.experts()).toList());
    }

    @Override
    public double activeShare() {
        return 1.0 / spec.experts();
    }

    @Override
    public FeedForwardOutput forward(Tensor x_BTC) {
        Tensor input_BTC = jittered(x_BTC);
        Tensor score_BTX = router.forwardInFloat32(input_BTC).to(ScalarType.Float);
        T_TensorTensor_T best = torch.max(score_BTX.softmax(-1), -1, true);
        Tensor chosen_BT1 = best.get1();
        // How many tokens of the sequence, itself included, have asked for the token's expert by then.
        Tensor asked_BTX = torch.zeros_like(score_BTX).to(ScalarType.Long).scatter_(-1, chosen_BT1, new Scalar(1L))
                .cumsum(1);
        Tensor late_BT1 = asked_BTX.gather(-1, chosen_BT1).gt(new Scalar((long) spec.capacity()));
        Tensor expert_M1 = chosen_BT1.masked_fill(late_BT1, new Scalar(-1L)).flatten(0, 1);
        Tensor y_MC = Experts.mix(input_BTC.flatten(0, 1), expert_M1, best.get0().flatten(0, 1), experts);
        return new FeedForwardOutput(y_MC.view(x_BTC.shape()), Optional.of(score_BTX));
    }

    private Tensor jittered(Tensor x_BTC) {
        if (!training() || spec.jitter() == 0) {
            return x_BTC;
        }
        Tensor noise = torch.empty_like(x_BTC);
        Tensors.fillUniform(noise, 1 - spec.jitter(), 1 + spec.jitter());
        return x_BTC.mul(noise);
    }

    public Spec spec() {
        return spec;
    }
}
