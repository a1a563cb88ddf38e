package org.jformers.model.head;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.conv.FrameCount;
import org.jformers.tensor.Tensors;

/**
 * One label for a recording: each vector is projected, the mean of them classified. Source: SUPERB, arXiv:2105.01051.
 *
 * <p>Dimensions: B batch, T vectors, C width, P projected width, S samples.
 */
public final class PooledClassificationHead extends Head {
    private final Spec spec;
    private final Optional<Tensor> layerWeights;
    private final Linear projector;
    private final Linear classifier;

    /**
     * @param width C
     * @param projected P
     * @param classes number of labels
     * @param mixedLayers number of hidden states of which a trained mean is taken; 0 to read the last one alone
     * @param frames how many vectors the samples of a row become, where rows have padding
     */
    public record Spec(int width, int projected, int classes, int mixedLayers, Optional<FrameCount> frames)
            implements Head.Spec {
        @Override
        public PooledClassificationHead build(Optional<Embedding> tokens) {
            return new PooledClassificationHead(this);
        }
    }

    private PooledClassificationHead(Spec spec) {
        this.spec = spec;
        layerWeights = spec.mixedLayers() > 0
                ? Optional.of(parameter("layerWeights", Role.SCALE, spec.mixedLayers()))
                : Optional.empty();
        projector = child("projector", new Linear.Spec(spec.width(), spec.projected()).build());
        classifier = child("classifier", new Linear.Spec(spec.projected(), spec.classes()).build());
    }

    @Override
    public boolean readsLayers() {
        return layerWeights.isPresent();
    }

    @Override
    public Tensor mixed(List<Tensor> states_BTC) {
        Tensor weight_L111 = layerWeights.orElseThrow().softmax(0).view(-1, 1, 1, 1);
        return torch.stack(new TensorVector(states_BTC.toArray(Tensor[]::new)), 0).mul(weight_L111).sum(0);
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BL = classifier.forward(mean(projector.forward(hidden_BTC), inputs.find("attention_mask")));
        output.put("logits", logits_BL);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.crossEntropy(logits_BL, labels.flatten())));
    }

    private Tensor mean(Tensor x_BTP, Optional<Tensor> real_BS) {
        if (real_BS.isEmpty() || spec.frames().isEmpty()) {
            return x_BTP.mean(1);
        }
        Tensor real_BT1 = Tensors.alike(
                spec.frames().get().real(real_BS.get().to(ScalarType.Bool), x_BTP.size(1)), x_BTP).unsqueeze(2);
        return x_BTP.mul(real_BT1).sum(1).div(real_BT1.sum(1));
    }
}
