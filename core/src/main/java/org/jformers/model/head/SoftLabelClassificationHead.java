package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.tensor.Tensors;

/**
 * Labels of a sequence as DeBERTa takes them where the config does not say what they are: a number if there is one
 * class; one class per row, negative ones ignored; or a share of each class, [B, L].
 */
public final class SoftLabelClassificationHead extends Head {
    private final Spec spec;
    private final SequenceClassificationHead scores;

    /** @param scores what the scores come from */
    public record Spec(SequenceClassificationHead.Spec scores) implements Head.Spec {
        @Override
        public SoftLabelClassificationHead build(Optional<Embedding> tokens) {
            return new SoftLabelClassificationHead(this, tokens);
        }
    }

    private SoftLabelClassificationHead(Spec spec, Optional<Embedding> tokens) {
        this.spec = spec;
        scores = child("scores", spec.scores().build(tokens));
    }

    @Override
    public boolean readsPadding(ModelInputs inputs) {
        return scores.readsPadding(inputs);
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        scores.forward(hidden_BTC, inputs.without("labels"), output);
        inputs.find("labels").ifPresent(labels -> addLoss(output, labels));
    }

    private void addLoss(ModelOutput output, Tensor labels) {
        Tensor logits_BL = output.logits().to(ScalarType.Float);
        if (spec.scores().classes() == 1) {
            output.put("logits", output.logits().flatten());
            output.put("loss", torch.mse_loss(logits_BL.flatten(), Tensors.alike(labels.flatten(), logits_BL)));
        } else if (labels.dim() == 1 || labels.size(-1) == 1) {
            Tensor class_B = labels.flatten().to(ScalarType.Long);
            Tensor known_B = class_B.masked_fill(class_B.lt(new Scalar(0L)), new Scalar(Losses.IGNORED));
            boolean any = class_B.ge(new Scalar(0L)).any().item_bool();
            output.put("loss", any
                    ? Losses.crossEntropy(logits_BL, known_B)
                    : Tensors.beside(Tensors.ofFloats(new float[1]), logits_BL));
        } else {
            output.put("loss", logits_BL.log_softmax(-1).mul(Tensors.beside(labels, logits_BL)).sum(-1).mean().neg());
        }
    }
}
