package org.jformers.nn.feedforward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** Sends tokens to the experts that a router chose for them: an expert reads its own tokens and no others. */
final class Experts {
    private Experts() {}

    /**
     * The weighted sum of what the chosen experts make of each token, [M, C]; zeros for a token without any.
     *
     * <p>Dimensions: M tokens, C width, K choices of a token.
     *
     * @param x_MC tokens
     * @param expert_MK int64, which experts read a token; -1 is none
     * @param weight_MK factors on their outputs
     * @param experts the experts
     */
    static Tensor mix(Tensor x_MC, Tensor expert_MK, Tensor weight_MK, List<? extends FeedForward> experts) {
        List<List<Long>> choices = choices(expert_MK, experts.size());
        long perToken = expert_MK.size(1);
        Tensor weight_F = weight_MK.flatten();
        Tensor y_MC = torch.zeros_like(x_MC);
        for (int i = 0; i < experts.size(); i++) {
            FeedForward expert = experts.get(i);
            long[] choice = choices.get(i).stream().mapToLong(Long::longValue).toArray();
            if (choice.length == 0) {
                continue;
            }
            Scopes.run(() -> {
                Tensor row_n = Tensors.beside(
                        Tensors.ofLongs(Arrays.stream(choice).map(at -> at / perToken).toArray(), choice.length), x_MC);
                Tensor weight_n1 =
                        Tensors.pick(weight_F, 0, Tensors.ofLongs(choice, choice.length)).unsqueeze(1);
                Tensor made_nC = expert.forward(Tensors.pick(x_MC, 0, row_n)).hidden().mul(weight_n1);
                y_MC.index_add_(0, row_n, made_nC.to(Tensors.type(y_MC)));
            });
        }
        return y_MC;
    }

    /** For each expert the places in the flat choices that name it; waited for, since they decide what is computed. */
    private static List<List<Long>> choices(Tensor expert_MK, int experts) {
        List<List<Long>> choices = new ArrayList<>();
        IntStream.range(0, experts).forEach(i -> choices.add(new ArrayList<>()));
        long[] flat = Tensors.toLongs(expert_MK);
        for (int at = 0; at < flat.length; at++) {
            if (flat[at] >= 0) {
                choices.get((int) flat[at]).add((long) at);
            }
        }
        return choices;
    }
}
