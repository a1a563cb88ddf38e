package org.jformers.model.kind;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.tensor.Tensors;

/**
 * What is added to a model's loss so that the experts of its mixtures get equally many tokens. Source:
 * arXiv:2101.03961, (4) to (6), over all layers together.
 *
 * @param chosen how many experts read a token
 * @param coefficient factor on what is added
 * @param always whether it is added to every loss; otherwise where {@link ModelInputs#askingRouterLogits} asks for it
 */
public record RouterLoss(int chosen, double coefficient, boolean always) {

    /** Adds {@code router_logits} and {@code aux_loss}, and the loss with its share, if the inputs ask for them. */
    void addTo(ModelOutput output, List<Tensor> score_MX, ModelInputs inputs) {
        if (!always && !inputs.outputRouterLogits()) {
            return;
        }
        Tensor balance = balance(score_MX, inputs.find("attention_mask"));
        output.find("loss").ifPresent(loss -> output.put("loss", loss.add(balance.mul(new Scalar(coefficient)))));
        output.put("aux_loss", balance).putAll("router_logits", score_MX);
    }

    /** The loss with the balance of a training batch; the reference adds it only where the scores are asked for. */
    Loss addTo(Loss loss, List<Tensor> score_MX, Optional<Tensor> mask_BT) {
        return coefficient == 0
                ? loss
                : loss.plus("router_balance", balance(score_MX, mask_BT), coefficient);
    }

    /**
     * X times the sum over the experts of the share of tokens they read and the mean probability they get: 1 per choice
     * if all are equally busy, more if not.
     *
     * <p>Dimensions: B batch, T tokens, M = B * T, X experts, K chosen.
     *
     * @param score_MX the router's scores in each layer
     * @param mask_BT 1 for tokens and 0 for padding, which is not counted; all are if empty
     */
    public Tensor balance(List<Tensor> score_MX, Optional<Tensor> mask_BT) {
        Tensor first_MX = score_MX.get(0);
        Tensor real_M1 = mask_BT
                .map(mask -> Tensors.beside(mask, first_MX).to(ScalarType.Float).reshape(-1, 1))
                .orElseGet(() -> torch.ones_like(first_MX.select(1, 0)).to(ScalarType.Float).unsqueeze(1));
        Tensor read_X = torch.zeros_like(first_MX.select(0, 0)).to(ScalarType.Float);
        Tensor probability_X = read_X;
        for (Tensor layer_MX : score_MX) {
            Tensor share_MX = layer_MX.to(ScalarType.Float).softmax(-1);
            Tensor best_MK = share_MX.detach().topk(chosen, -1, true, true).get1();
            Tensor isRead_MX = torch.zeros_like(share_MX.detach()).scatter_(1, best_MK, new Scalar(1));
            read_X = read_X.add(isRead_MX.mul(real_M1).sum(new long[] {0}));
            probability_X = probability_X.add(share_MX.mul(real_M1).sum(new long[] {0}));
        }
        Tensor counted = real_M1.sum().mul(new Scalar(score_MX.size()));
        Tensor overlap = read_X.div(counted).mul(probability_X.div(counted)).sum();
        return overlap.mul(new Scalar(first_MX.size(1)));
    }
}
