package org.jformers.model.surgery;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * How much each attention head matters: the size of the loss's gradient with respect to the head's factor in a mask of
 * ones. Source: arXiv:1905.10650, 4.1. What matters least can be silenced ({@code head_mask}) or removed ({@link
 * org.jformers.model.auto.AutoModel#pruned}).
 */
public final class HeadImportance {
    private HeadImportance() {}

    /**
     * Measures all heads; the gradients of the model's parameters stay as they are.
     *
     * @param model the model, dropout off
     * @param mask the input that holds the factors, such as {@code head_mask}
     * @param layers number of layers
     * @param heads number of heads of each
     * @param batches inputs with labels; each batch is fetched and freed before the next
     * @return mean over the batches of |d loss / d factor|, [layers][heads]
     */
    public static double[][] of(Model model, String mask, int layers, int heads, Iterable<ModelInputs> batches) {
        double[][] importance = new double[layers][heads];
        float[] ones = new float[layers * heads];
        Arrays.fill(ones, 1);
        int count = 0;
        for (var batch = batches.iterator(); batch.hasNext(); count++) {
            float[] gradient = Scopes.get(() -> {
                Tensor factor_LN = Tensors.ofFloats(ones, layers, heads).set_requires_grad(true);
                Tensor loss = model.forward(batch.next().with(mask, factor_LN)).loss();
                return Tensors.toFloats(torch.grad(new TensorVector(loss), new TensorVector(factor_LN)).get(0).abs());
            });
            for (int i = 0; i < gradient.length; i++) {
                importance[i / heads][i % heads] += gradient[i];
            }
        }
        if (count == 0) {
            throw new JformersException("head importance: got no batches, allowed at least one");
        }
        for (double[] layer : importance) {
            for (int head = 0; head < heads; head++) {
                layer[head] /= count;
            }
        }
        return importance;
    }
}
