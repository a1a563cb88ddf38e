package org.jformers.nn.feedforward;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/**
 * Several feed-forward parts, of which a router chooses a few for each token and weighs their outputs. Source:
 * arXiv:1701.06538; top-k with renormalised weights: arXiv:2401.04088 (Mixtral).
 *
 * <p>Dimensions: B batch, T tokens, M = B * T, C width, X experts, K chosen.
 */
public final class MixtureOfExperts extends FeedForward {
    private final Spec spec;
    private final Linear router;
    private final List<FeedForward> experts;

    /**
     * @param expert every one of the X parts
     * @param experts X
     * @param chosen K, how many of them read a token
     * @param jitter in training the input is multiplied by uniform numbers within 1 - jitter and 1 + jitter
     */
    public record Spec(FeedForward.Spec expert, int experts, int chosen, double jitter) implements FeedForward.Spec {
        public Spec {
            if (experts < 1 || chosen < 1 || chosen > experts) {
                throw new IllegalArgumentException("mixture of experts: got " + chosen + " of " + experts
                        + " experts for a token, allowed 1 to all of at least one");
            }
        }

        @Override
        public int width() {
            return expert.width();
        }

        @Override
        public MixtureOfExperts build() {
            return new MixtureOfExperts(this);
        }
    }

    private MixtureOfExperts(Spec spec) {
        this.spec = spec;
        router = child("router", new Linear.Spec(spec.width(), spec.experts(), false, Role.WEIGHT).build());
        experts = children("experts", Stream.generate(spec.expert()::build).limit(spec.experts()).toList());
    }

    @Override
    public double activeShare() {
        return (double) spec.chosen() / spec.experts();
    }

    @Override
    public FeedForwardOutput forward(Tensor x_BTC) {
        Tensor x_MC = jittered(x_BTC).flatten(0, 1);
        Tensor score_MX = router.forward(x_MC);
        T_TensorTensor_T best = score_MX.to(ScalarType.Float).softmax(-1).topk(spec.chosen(), -1, true, true);
        Tensor weight_MK = best.get0().div(best.get0().sum(new long[] {-1}, true, new ScalarTypeOptional()));
        Tensor y_MC = Experts.mix(x_MC, best.get1(), weight_MK, experts);
        return new FeedForwardOutput(y_MC.view(x_BTC.shape()), Optional.of(score_MX));
    }

    private Tensor jittered(Tensor x_BTC) {
        if (!training() || spec.jitter() == 0) {
            return x_BTC;
        }
        Tensor noise = torch.empty_like(x_BTC);
        Tensors.fillUniform(noise, 1 - spec.jitter(), 1 + spec.jitter());
        return x_BTC.mul(noise);
    }
}
