package org.jformers.model.kind;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.model.Decoding;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.Module;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.HeadMask;
import org.jformers.nn.stack.Stack;
import org.jformers.nn.stack.StackInput;

/** An encoder or a decoder with a head: BERT, GPT-2 and all that are like them. */
public final class SingleStackModel extends Model {
    /** What continues a text. */
    private static final Set<Task> WRITES = Set.of(Task.CAUSAL_LM, Task.DOUBLE_HEADS);

    private final Network network;
    private final Optional<RouterLoss> routerLoss;
    private final Optional<AskingToken> asking;

    /**
     * One stack and a head.
     *
     * @param body the stack
     * @param head what stands on it
     * @param initialization how parameters start
     * @param routerLoss what mixtures of experts add to the loss, if there are any
     * @param asking the token that asks for the next one, where a text is continued that way
     */
    public record Spec(
            Stack.Spec body,
            Head.Spec head,
            Initialization initialization,
            Optional<RouterLoss> routerLoss,
            Optional<AskingToken> asking)
            implements ModelSpec {
        /** Without mixtures of experts. */
        public Spec(Stack.Spec body, Head.Spec head, Initialization initialization) {
            this(body, head, initialization, Optional.empty(), Optional.empty());
        }

        public Spec withRouterLoss(RouterLoss loss) {
            return new Spec(body, head, initialization, Optional.of(loss), asking);
        }

        public Spec withAsking(AskingToken token) {
            return new Spec(body, head, initialization, routerLoss, Optional.of(token));
        }

        @Override
        public OptionalInt room() {
            return body.input().room();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return body.input().tokenTable();
        }

        @Override
        public Spec withoutHeads(Map<Integer, Set<Integer>> heads) {
            return new Spec(body.withoutHeads(heads), head, initialization, routerLoss, asking);
        }

        @Override
        public Optional<ModelSpec> withoutPooler() {
            return head.withoutPooler().map(bare ->
                    new Spec(body, bare, initialization, routerLoss, asking));
        }

        @Override
        public String toString() {
            return describe();
        }

        @Override
        public SingleStackModel build(Identity identity) {
            return new SingleStackModel(identity, this);
        }
    }

    private static final class Network extends Module {
        private final Stack body;
        private final Head head;

        Network(Spec spec) {
            body = child("body", spec.body().build());
            head = child("head", spec.head().build(body.input().tokens()));
        }
    }

    SingleStackModel(Identity identity, Spec spec) {
        super(identity);
        network = new Network(spec);
        routerLoss = spec.routerLoss();
        asking = spec.asking();
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(network.body.takes());
        names.addAll(network.head.takes());
        names.add("past_key_values");
        if (routerLoss.isPresent()) {
            names.add("output_router_logits");
        }
        return names;
    }

    /** What one pass through the stack gave. */
    private record Read(Tensor hidden_BTC, Capture capture) {}

    private Read read(ModelInputs inputs) {
        return read(inputs, network.body::forward);
    }

    private Read read(ModelInputs inputs, BiFunction<StackInput, Capture, Tensor> body) {
        boolean mixes = network.head.readsLayers();
        Capture capture = new Capture(inputs.outputHiddenStates() || mixes, inputs.outputAttentions());
        Tensor last_BTC = body.apply(stackInput(inputs), capture);
        return new Read(mixes ? network.head.mixed(capture.hiddenStates()) : last_BTC, capture);
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        Read read = read(inputs);
        ModelOutput output = new ModelOutput();
        network.head.forward(read.hidden_BTC(), inputs, output);
        routerLoss.ifPresent(loss -> loss.addTo(output, read.capture().routerLogits(), inputs));
        return output.putAll("hidden_states", inputs.outputHiddenStates() ? read.capture().hiddenStates() : List.of())
                .putAll("attentions", read.capture().attentions())
                .putAll("cross_attentions", read.capture().crossAttentions());
    }

    @Override
    public boolean ignoresPadding() {
        return network.body.mayPack() && network.head.ignoresPadding() && !network.head.readsLayers();
    }

    @Override
    protected ModelOutput runTokens(ModelInputs inputs) {
        if (!ignoresPadding()) {
            return super.runTokens(inputs);
        }
        ModelOutput output = new ModelOutput();
        network.head.forward(read(inputs, network.body::forwardTokens).hidden_BTC(), inputs, output);
        return output;
    }

    @Override
    protected Loss lossOf(ModelInputs inputs) {
        return toldOf(inputs).loss();
    }

    /**
     * A loss and what it was told by.
     *
     * @param loss as {@link #loss} gives it
     * @param states the states [B, T, C] of which the head made it, for those who make more of them; zeros may stand
     *     for padding
     */
    public record Told(Loss loss, Tensor states) {}

    /**
     * The loss of inputs with labels, and the states that the head read.
     *
     * @throws org.jformers.tensor.ShapeException if there is an input that the model does not use, or no label
     */
    public Told told(ModelInputs inputs) {
        inputs.requireOnly(takes(), identity().architecture());
        return using(() -> toldOf(inputs));
    }

    private Told toldOf(ModelInputs inputs) {
        boolean tokensOnly = inputs.find("attention_mask").isPresent() && !network.head.readsPadding(inputs);
        Read read = read(inputs, tokensOnly ? network.body::forwardTokens : network.body::forward);
        Loss loss = network.head.loss(read.hidden_BTC(), inputs);
        return new Told(routerLoss
                .map(router -> router.addTo(loss, read.capture().routerLogits(), inputs.find("attention_mask")))
                .orElse(loss), read.hidden_BTC());
    }

    @Override
    protected Tensor tokenStatesOf(ModelInputs inputs) {
        boolean padded = inputs.find("attention_mask").isPresent();
        return read(inputs, padded ? network.body::forwardTokens : network.body::forward).hidden_BTC();
    }

    /** Scores [..., V] of hidden states [..., C], for heads that score a vocabulary. */
    public Tensor logits(Tensor hidden) {
        return languageModelHead().logits(hidden);
    }

    /** The stack. */
    public Stack body() {
        return network.body;
    }

    @Override
    protected Decoding decodingOf(CacheKind kind) {
        languageModelHead();
        if (asking.isPresent()) {
            return new GroupedDecoding(identity().architecture(), prompt ->
                    new AskingRows(asking.get(), prompt, inputs -> {
                        Tensor hidden_BTC = read(inputs).hidden_BTC();
                        return logits(hidden_BTC.select(1, hidden_BTC.size(1) - 1)).to(ScalarType.Float);
                    }));
        }
        requireCausal("generate");
        return new CachedDecoding(network.body, kind, this::logits, Optional.empty());
    }

    @Override
    public void requireCausal(String use) {
        if (!WRITES.contains(identity().task()) || network.body.spec().blocks().stream()
                .anyMatch(block -> block.attention().mask().looksAhead())) {
            throw new JformersException(use + ": got an encoder (" + identity().architecture()
                    + "), which sees both sides and cannot continue a text; "
                    + "allowed decoders (is_decoder in the config of families that may be both) and encoder-decoders");
        }
    }

    @Override
    public KeyValueCache newCache() {
        return network.body.newCache();
    }

    @Override
    public Module network() {
        return network;
    }

    private LanguageModelHead languageModelHead() {
        return LanguageModelHead.of(network.head, identity().architecture());
    }

    /** Inputs [B, choices, T] are read as B * choices rows. */
    private static StackInput stackInput(ModelInputs inputs) {
        HeadMask heads = new HeadMask(inputs.find("head_mask"), inputs.find("cross_attn_head_mask"));
        if (inputs.features().isPresent()) {
            return StackInput.ofFeatures(inputs.features().get())
                    .withReal(inputs.mask("attention_mask"))
                    .withHeads(heads);
        }
        boolean choices = inputs.hasChoices();
        UnaryOperator<Tensor> rows = tensor -> choices ? tensor.flatten(0, 1) : tensor;
        return StackInput.of(inputs.find("input_ids").map(rows), inputs.find("inputs_embeds").map(rows))
                .withPlaces(new StackInput.Places(
                        inputs.find("position_ids").map(rows), inputs.find("token_type_ids").map(rows),
                        inputs.find("langs").map(rows)))
                .withMasks(InputMasks.of(inputs, inputs.mask("attention_mask"), rows))
                .withMemory(inputs.find("encoder_hidden_states").map(hidden_BMC ->
                        new StackInput.Memory(hidden_BMC, inputs.mask("encoder_attention_mask"))))
                .withCache(inputs.cache())
                .withHeads(heads);
    }
}
