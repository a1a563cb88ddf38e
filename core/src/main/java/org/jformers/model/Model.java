package org.jformers.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.WeightMap;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.Device;

/**
 * A model with its configuration: made by {@link org.jformers.model.auto.AutoModel}, used through {@link #forward},
 * owned by whoever made it and closed last. After loading, dropout is off and gradients are recorded unless a {@link
 * org.jformers.tensor.NoGrad} says otherwise.
 */
public abstract class Model implements AutoCloseable {
    private final Identity identity;

    /**
     * What a model is.
     *
     * @param family its family
     * @param config its configuration
     * @param task what it is for
     * @param architecture the class name that checkpoints give it
     * @param spec the model as data
     * @param weights names in checkpoints and parameter names
     */
    public record Identity(
            ModelFamily<?> family,
            Config config,
            Task task,
            String architecture,
            ModelSpec spec,
            WeightMap weights) {}

    /** A model of an identity, its parameters not yet filled. */
    protected Model(Identity identity) {
        this.identity = identity;
    }

    /**
     * Runs the model. Outputs are on its device and belong to the caller's scope; with labels among the inputs there is
     * a loss.
     *
     * @throws org.jformers.tensor.ShapeException if there is an input that the model does not use; see {@link #takes}
     */
    public final ModelOutput forward(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity.architecture());
        return run(inputs);
    }

    /** What {@link #forward} gives of inputs that {@link #takes} names. */
    protected abstract ModelOutput run(ModelInputs inputs);

    /**
     * The loss of inputs with labels, to be trained on: the sums that belong together, each with a divisor of its own,
     * and what mixtures of experts add. Labels of language models stand where they are predicted: the label of a
     * position is the token that this position is to give, so a next-token model gets the token behind it.
     *
     * @throws org.jformers.tensor.ShapeException if there is an input that the model does not use, or no label
     */
    public final Loss loss(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity.architecture());
        return lossOf(inputs);
    }

    /**
     * What {@link #loss} gives of inputs that {@link #takes} names.
     *
     * @throws JformersException if the model has no loss, as here
     */
    protected Loss lossOf(ModelInputs inputs) {
        throw new JformersException("training: got " + identity.architecture() + ", which has no loss to be trained on"
                + " batch by batch; allowed encoders, decoders, encoder-decoders and towers of images");
    }

    /**
     * The last hidden states of tokens [B, T, C], for those who do not read what comes of padding: vectors of the
     * places where {@code attention_mask} is 0 may be zeros, and then take no time.
     *
     * @throws org.jformers.tensor.ShapeException if there is an input that the model does not use
     */
    public final Tensor tokenStates(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity.architecture());
        return tokenStatesOf(inputs);
    }

    /** What {@link #tokenStates} gives of inputs that {@link #takes} names. */
    protected Tensor tokenStatesOf(ModelInputs inputs) {
        return run(inputs).get("last_hidden_state");
    }

    /**
     * Refuses a model that sees what comes behind a token, for those who need the next one predicted.
     *
     * @param use what needs it, named in the error
     * @throws JformersException if it does, as here
     */
    public void requireCausal(String use) {
        throw new JformersException(use + ": got " + identity.architecture() + ", allowed decoders");
    }

    /** Names of what the model reads, as in {@link ModelInputs#requireOnly}; anything else is refused. */
    public abstract Set<String> takes();

    /**
     * Begins to generate. For decoders the prompt's attention mask marks padding on the left; encoder-decoders read the
     * source here.
     *
     * @param prompt {@code attention_mask} of the prompt for decoders; {@code input_ids} and {@code attention_mask} of
     *     the source for encoder-decoders
     * @throws JformersException if the model cannot generate, as here
     */
    public Decoding decoding(ModelInputs prompt) {
        throw new JformersException("generate: got " + identity.architecture() + ", which does not write text; allowed"
                + " decoders and encoder-decoders");
    }

    /**
     * An empty cache for {@link ModelInputs#withCache}; the caller closes it.
     *
     * @throws JformersException if the model keeps no keys and values, as here
     */
    public KeyValueCache newCache() {
        throw new JformersException("cache: got " + identity.architecture() + ", which keeps no keys and values");
    }

    /** The parts, with all parameters. */
    public abstract Module network();

    /** Where its parameters are and it computes; what it is given may be there or on the host. */
    public final Device device() {
        return network().device();
    }

    /** What the model is. */
    public final Identity identity() {
        return identity;
    }

    /** Its configuration. */
    public final Config config() {
        return identity.config();
    }

    /** The tensors that a checkpoint of the model stores, by our names: all but those of adapters. */
    public final Map<String, Tensor> weights() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        network().parameters().forEach((name, parameter) -> {
            if (parameter.role() != Parameter.Role.ADAPTER) {
                weights.put(name, parameter.tensor());
            }
        });
        return weights;
    }

    /** Parameters, or anything named like them such as gradients, under the names of checkpoints. */
    public final Map<String, Tensor> named(Map<String, Tensor> byParameter) {
        return identity.weights().save(byParameter);
    }

    /** Writes {@code config.json} and {@code model.safetensors} into a folder, as Python reads them. */
    public final void save(Path folder) {
        save(folder, weights());
    }

    /** The same with other values for {@link #weights}, such as copies of what they were. */
    public final void save(Path folder, Map<String, Tensor> weights) {
        ModelFolder.save(this, folder, weights);
    }

    /** Writes {@code config.json} alone into a folder that is there. */
    public final void saveConfig(Path folder) {
        ModelFolder.saveConfig(this, folder);
    }

    @Override
    public final void close() {
        network().close();
    }
}
