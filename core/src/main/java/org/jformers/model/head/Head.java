package org.jformers.model.head;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Described;
import org.jformers.nn.Embedding;
import org.jformers.nn.Module;
import org.jformers.nn.stack.Entrance;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** What stands on a stack and turns its hidden states into the scores of a task. */
public abstract class Head extends Module {

    /**
     * Adds the head's scores to {@code output}, and its loss if the inputs hold labels.
     *
     * @param hidden_BTC the stack's output
     * @param inputs what the model was given
     */
    public abstract void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output);

    /**
     * The loss of the labels among the inputs, to be divided by their number: that of labels other than -100, or of
     * rows where a label is no index. Labels of language models stand where they are predicted.
     *
     * @param hidden_BTC the stack's output
     */
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        ModelOutput output = new ModelOutput();
        forward(hidden_BTC, inputs, output);
        Tensor labels = inputs.require("labels");
        boolean indices = Tensors.type(labels) == ScalarType.Long;
        Tensor mean = output.get("loss");
        Tensor real = labels.ne(new Scalar(Losses.IGNORED));
        Tensor sum = indices ? mean.mul(Tensors.beside(real.sum(), mean)) : mean.mul(new Scalar(labels.size(0)));
        boolean tells = indices && !GradMode.is_enabled() && output.find("logits").isPresent()
                && output.get("logits").dim() == labels.dim() + 1;
        return Loss.of(sum, tells
                ? Optional.of(output.get("logits").argmax(new LongOptional(-1), false)
                        .eq(Tensors.beside(labels, mean)).sum())
                : Optional.empty());
    }

    /**
     * Whether the loss of these inputs depends on vectors of padding, the places where {@code attention_mask} is 0: as
     * here, if nothing else is known.
     */
    public boolean readsPadding(ModelInputs inputs) {
        return true;
    }

    /**
     * Whether texts of different lengths may be scored together, padding behind the shorter ones: what stands for a
     * text or a token is not made of vectors of padding. As here not, if nothing else is known.
     */
    public boolean ignoresPadding() {
        return false;
    }

    /** Whether a place of padding has a label among the inputs. */
    static boolean labelsPadding(ModelInputs inputs) {
        Tensor real_BT = inputs.require("attention_mask").to(ScalarType.Bool);
        Tensor labels = inputs.require("labels");
        return Scopes.get(() -> !Arrays.equals(labels.shape(), real_BT.shape())
                || labels.ne(new Scalar(Losses.IGNORED)).logical_and(real_BT.logical_not()).any().item_bool());
    }

    /**
     * Names of the inputs that the head reads besides those of its stack: the labels, as here, if it says nothing else.
     */
    public Set<String> takes() {
        return Set.of("labels");
    }

    /** Whether the head reads the hidden states of all layers; {@link #mixed} then makes of them what it scores. */
    public boolean readsLayers() {
        return false;
    }

    /** The hidden states of all layers, that of the entrance first, each [B, T, C], to one [B, T, C]. */
    public Tensor mixed(List<Tensor> states_BTC) {
        return states_BTC.get(states_BTC.size() - 1);
    }

    /** A head as data. */
    public interface Spec extends Described {
        /** The same without a pooler that has parameters, if all else is computed without it. */
        default Optional<Spec> withoutPooler() {
            return Optional.empty();
        }

        /** Builds it; {@code tokens} is the stack's token table, if it has one, for output layers that share it. */
        Head build(Optional<Embedding> tokens);

        /** Builds it on an entrance, whose tables it may share. */
        default Head build(Entrance entrance) {
            return build(entrance.tokens());
        }
    }
}
