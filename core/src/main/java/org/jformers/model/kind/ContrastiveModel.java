package org.jformers.model.kind;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.model.head.Losses;
import org.jformers.nn.Initialization;
import org.jformers.nn.Module;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * A stack of texts and a stack of images whose vectors meet in one space: the nearer, the better a text fits an image.
 * Source: arXiv:2103.00020 (CLIP).
 *
 * <p>Dimensions: B texts, I images, E width of the shared space.
 */
public final class ContrastiveModel extends Model {
    private static final long[] LAST = {-1};
    private static final Set<String> TEXT = Set.of("input_ids", "inputs_embeds", "attention_mask", "position_ids");
    private static final Set<String> IMAGE = Set.of("pixel_values", "interpolate_pos_encoding");
    private static final Set<String> TAKEN = Set.of("input_ids", "inputs_embeds", "attention_mask", "position_ids",
            "pixel_values", "interpolate_pos_encoding", "return_loss");

    private final Network network;

    /**
     * @param text the stack of texts; its {@code pooler_output} lies in the shared space
     * @param image the stack of images, likewise
     * @param logitScale logarithm of the factor on the cosines, where training starts
     * @param initialization how parameters start
     */
    public record Spec(
            TowerModel.Spec text, TowerModel.Spec image, double logitScale, Initialization initialization)
            implements ModelSpec {
        @Override
        public String toString() {
            return describe();
        }

        @Override
        public ContrastiveModel build(Identity identity) {
            return new ContrastiveModel(identity, this);
        }
    }

    private static final class Network extends Module {
        private final Tensor logitScale;
        private final Tower text;
        private final Tower image;

        Network(Spec spec) {
            logitScale = preset("logitScale", Tensors.ofFloats(new float[] {(float) spec.logitScale()}));
            text = child("text", new Tower(spec.text().body(), spec.text().head()));
            image = child("image", new Tower(spec.image().body(), spec.image().head()));
        }
    }

    private ContrastiveModel(Identity identity, Spec spec) {
        super(identity);
        network = new Network(spec);
    }

    /** States of the texts, and {@code pooler_output} [B, E], one vector for each, of any length. */
    public ModelOutput textFeatures(ModelInputs inputs) {
        inputs.requireOnly(TEXT, "the text half");
        return using(() -> network.text.forward(inputs));
    }

    /** States of the images, and {@code pooler_output} [I, E], one vector for each, of any length. */
    public ModelOutput imageFeatures(ModelInputs inputs) {
        inputs.requireOnly(IMAGE, "the image half");
        return using(() -> network.image.forward(inputs));
    }

    @Override
    public Set<String> takes() {
        return TAKEN;
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        ModelOutput images = network.image.forward(only(IMAGE, inputs));
        ModelOutput texts = network.text.forward(only(TEXT, inputs));
        Tensor image_IE = unit(images.get("pooler_output"));
        Tensor text_BE = unit(texts.get("pooler_output"));
        Tensor score_BI = text_BE.matmul(image_IE.t()).mul(network.logitScale.exp());
        ModelOutput output = new ModelOutput();
        if (inputs.asks(ModelInputs.Option.PAIR_LOSS)) {
            output.put("loss", loss(score_BI));
        }
        output.put("logits_per_image", score_BI.t())
                .put("logits_per_text", score_BI)
                .put("text_embeds", text_BE)
                .put("image_embeds", image_IE);
        texts.tensors().forEach((name, tensor) -> output.put("text_model_output." + name, tensor));
        images.tensors().forEach((name, tensor) -> output.put("vision_model_output." + name, tensor));
        return output;
    }

    /** The loss of pairs, times their number: each text belongs to the image of the same row. */
    @Override
    protected Loss lossOf(ModelInputs inputs) {
        ModelOutput output = run(inputs.asking(ModelInputs.Option.PAIR_LOSS));
        double pairs = output.get("text_embeds").size(0);
        return Loss.of(output.get("loss").mul(new Scalar(pairs)), Optional.empty());
    }

    /** The factor on the cosines, which is learned. */
    public double scale() {
        return using(() -> Scopes.get(() -> network.logitScale.exp().item_double()));
    }

    /** [B, E] to the same at length 1. */
    private static Tensor unit(Tensor x_BE) {
        return x_BE.div(x_BE.square().sum(LAST, true, null).sqrt());
    }

    /** Each text finds its image, and each image its text. */
    private static Tensor loss(Tensor score_BI) {
        long texts = score_BI.size(0);
        if (texts != score_BI.size(1)) {
            throw new ShapeException("pair loss: got " + texts + " texts and " + score_BI.size(1)
                    + " images, allowed equally many");
        }
        Tensor own_B = Tensors.range(0, texts, score_BI);
        return Losses.crossEntropy(score_BI, own_B)
                .add(Losses.crossEntropy(score_BI.t(), own_B))
                .div(new Scalar(2));
    }

    private static ModelInputs only(Set<String> names, ModelInputs inputs) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        names.forEach(name -> inputs.find(name).ifPresent(tensor -> own.put(name, tensor)));
        return ModelInputs.of(own).askingAs(inputs);
    }

    @Override
    public Module network() {
        return network;
    }
}
