package org.jformers.model.kind;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.Loss;
import org.jformers.model.ModelOutput;
import org.jformers.nn.stack.Capture;
import org.jformers.tensor.Tensors;

/**
 * What is added to the loss of an encoder-decoder whose tokens are sent to one expert each: that the experts get
 * equally many (arXiv:2101.03961, (4) to (6)), and that the scores stay small (arXiv:2202.08906, (5)).
 *
 * <p>Dimensions: B batch, T tokens of all layers, X experts.
 *
 * @param balance factor on the first
 * @param size factor on the second
 * @param counted stacks that count, {@code encoder} and {@code decoder}; those of sparse layers only do not
 */
public record SwitchLoss(double balance, double size, List<String> counted) {

    /** Adds the scores and both losses of a stack, and to the loss its share. */
    void addTo(ModelOutput output, String stack, Capture capture) {
        List<Tensor> scores = capture.routerLogits();
        output.putAll(stack + "_router_logits", scores);
        if (!counts(stack, scores)) {
            return;
        }
        Tensor score_BTX = joined(scores);
        Tensor size = size(score_BTX);
        Tensor balance = balance(score_BTX);
        output.put(stack + "_z_loss", size).put(stack + "_aux_loss", balance);
        output.find("loss").ifPresent(loss -> output.put(
                "loss", loss.add(size.mul(new Scalar(size()))).add(balance.mul(new Scalar(balance())))));
    }

    /** The loss with both terms of a stack in a training batch. */
    Loss addTo(Loss loss, String stack, Capture capture) {
        if (!counts(stack, capture.routerLogits())) {
            return loss;
        }
        Tensor score_BTX = joined(capture.routerLogits());
        return loss.plus(stack + "_router_size", size(score_BTX), size())
                .plus(stack + "_router_balance", balance(score_BTX), balance());
    }

    private boolean counts(String stack, List<Tensor> scores) {
        return counted.contains(stack) && !scores.isEmpty();
    }

    private static Tensor joined(List<Tensor> scores) {
        return Tensors.cat(1, scores.toArray(Tensor[]::new));
    }

    private static Tensor size(Tensor score_BTX) {
        return score_BTX.logsumexp(new long[] {-1}).square().mean();
    }

    /** X times the sum over experts of the share of tokens and the mean probability, per sequence. */
    private static Tensor balance(Tensor score_BTX) {
        Tensor probability_BTX = score_BTX.softmax(-1);
        Tensor best_BT1 = torch.max(probability_BTX.detach(), -1, true).get1();
        Tensor read_BTX = torch.zeros_like(probability_BTX.detach()).scatter_(-1, best_BT1, new Scalar(1));
        double experts = score_BTX.size(2);
        return read_BTX.mean(1).mul(probability_BTX.mean(1)).mean().mul(new Scalar(experts * experts));
    }
}
