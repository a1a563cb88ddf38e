package org.jformers.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.checkpoint.WeightMap;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.stack.GradientCheckpoints;
import org.jformers.tensor.Device;
import org.jformers.tensor.Lifetime;
import org.jformers.tensor.Scopes;

/**
 * A model with its configuration: made by {@link org.jformers.model.auto.AutoModel}, used through {@link #forward},
 * owned by whoever made it and closed last. After loading, dropout is off and gradients are recorded unless a {@link
 * org.jformers.tensor.NoGrad} says otherwise.
 *
 * <p>May be closed while other threads compute with it: passes that run come to their end, further ones are refused,
 * and a generation ends with that error before its next token.
 */
public abstract class Model implements AutoCloseable {
    private final Identity identity;
    private final Lifetime lifetime;
    private LoadReport report = LoadReport.NONE;

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
        lifetime = new Lifetime(identity.architecture(), () -> network().close());
    }

    /**
     * Runs the model. Outputs are on its device and belong to the caller's scope, see {@link Scopes#run}: outside of
     * every scope they stay until the garbage collector finds them. With labels among the inputs there is a loss.
     *
     * @throws org.jformers.tensor.ShapeException if there is an input that the model does not use; see {@link #takes}
     * @throws JformersException if the model is closed, as in all that computes
     */
    public final ModelOutput forward(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity.architecture());
        return lifetime.use(() -> scoped(() -> run(inputs)));
    }

    /** Frees what a pass made besides its outputs, unless it will be computed again. */
    private static ModelOutput scoped(Supplier<ModelOutput> pass) {
        return GradientCheckpoints.open().isPresent()
                ? pass.get()
                : Scopes.parts(pass, output -> output.tensors().values());
    }

    /** Runs what computes with the parameters in another way than {@link #forward}: they stay until it ends. */
    protected final <T> T using(Supplier<T> body) {
        return lifetime.use(body);
    }

    /** What {@link #forward} gives of inputs that {@link #takes} names. */
    protected abstract ModelOutput run(ModelInputs inputs);

    /**
     * The same as {@link #forward} for those who read nothing at places where {@code attention_mask} is 0: what is
     * there may be anything, and then takes no time.
     *
     * @throws JformersException if the model does not {@linkplain #ignoresPadding() ignore padding}, as here
     */
    public final ModelOutput forwardTokens(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity.architecture());
        return lifetime.use(() -> scoped(() -> runTokens(inputs)));
    }

    /** What {@link #forwardTokens} gives of inputs that {@link #takes} names. */
    protected ModelOutput runTokens(ModelInputs inputs) {
        throw new JformersException("texts of different lengths: got " + identity.architecture()
                + ", whose scores depend on padding; allowed texts of one length");
    }

    /**
     * Whether {@link #forwardTokens} gives each text, padded on the right, what it gets by itself, and takes no time
     * for padding.
     */
    public boolean ignoresPadding() {
        return false;
    }

    /**
     * The loss of inputs with labels, to be trained on: the sums that belong together, each with a divisor of its own,
     * and what mixtures of experts add. Labels of language models stand where they are predicted: the label of a
     * position is the token that this position is to give, so a next-token model gets the token behind it.
     *
     * @throws org.jformers.tensor.ShapeException if there is an input that the model does not use, or no label
     */
    public final Loss loss(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity.architecture());
        return lifetime.use(() -> lossOf(inputs));
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
        return lifetime.use(() -> tokenStatesOf(inputs));
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
     * Begins to generate, with keys and values in buffers that grow.
     *
     * @throws JformersException if the model cannot generate
     */
    public final Decoding decoding() {
        return decoding(CacheKind.GROWING);
    }

    /** The same with another kind of cache, where the model has one. */
    public final Decoding decoding(CacheKind kind) {
        return new LivingDecoding(lifetime, lifetime.use(() -> decodingOf(kind)));
    }

    /** What {@link #decoding} begins. */
    protected Decoding decodingOf(CacheKind kind) {
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

    /** How its weights were found; nothing of a model that was made new. */
    public final LoadReport report() {
        return report;
    }

    /** Says how its weights were found: for who fills it, before anybody uses it. */
    public final void reported(LoadReport found) {
        report = found;
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
        lifetime.use(() -> {
            ModelFolder.save(this, folder, weights);
            return folder;
        });
    }

    /** Writes {@code config.json} alone into a folder that is there. */
    public final void saveConfig(Path folder) {
        ModelFolder.saveConfig(this, folder);
    }

    /** What it is, how large and where: {@code GPT2LMHeadModel (gpt2), 124,439,808 parameters, float32 on cpu}. */
    @Override
    public final String toString() {
        String name = identity.architecture() + " (" + identity.family().modelType() + ")";
        return lifetime.closed() ? name + ", closed" : lifetime.use(() -> String.format(Locale.ROOT,
                "%s, %,d parameters, %s on %s",
                name, network().parameterCount(), ModelFolder.precision(this).configName(), device()));
    }

    /** Frees the parameters, once no other thread computes with them. */
    @Override
    public final void close() {
        lifetime.close();
    }
}
