package org.jformers.model.kind;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.model.Decoding;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.AdaptiveSoftmaxHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.nn.Initialization;
import org.jformers.nn.Module;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.position.RelativeWaves;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.HeadMask;
import org.jformers.nn.stack.SegmentMemory;
import org.jformers.nn.stack.SegmentStack;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * A model that reads a text segment by segment: Transformer-XL and XLNet. Its memory comes out as {@code mems.0},
 * {@code mems.1} ... and goes in again with the next segment.
 */
public final class SegmentModel extends Model {
    private final Network network;
    private final SegmentStack.Streams streams;

    /**
     * A stack that reads segment by segment, and a head.
     *
     * @param body the stack
     * @param head what stands on it
     * @param initialization how parameters start
     */
    public record Spec(SegmentStack.Spec body, Head.Spec head, Initialization initialization) implements ModelSpec {
        @Override
        public String toString() {
            return describe();
        }

        @Override
        public SegmentModel build(Identity identity) {
            return new SegmentModel(identity, this);
        }
    }

    private static final class Network extends Module {
        private final SegmentStack body;
        private final Head head;

        Network(Spec spec) {
            body = child("body", spec.body().build());
            head = child("head", spec.head().build(body.input()));
        }
    }

    SegmentModel(Identity identity, Spec spec) {
        super(identity);
        network = new Network(spec);
        streams = spec.body().streams();
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(network.body.takes());
        names.addAll(network.head.takes());
        return names;
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        if (inputs.cache().isPresent()) {
            throw new ShapeException(
                    "cache: got one, allowed is the memory that came out before, as mems.0, mems.1 ...");
        }
        Capture capture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        SegmentStack.Output read = network.body.forward(segment(inputs), capture);
        ModelOutput output = new ModelOutput();
        network.head.forward(read.hidden(), inputs, output);
        output.putAll("mems", read.memory()).putAll("hidden_states", capture.hiddenStates());
        int perLayer = capture.attentions().size() / network.body.spec().blocks().size();
        for (int i = 0; i < capture.attentions().size(); i++) {
            String name = "attentions." + i / perLayer;
            output.put(perLayer == 1 ? name : name + "." + i % perLayer, capture.attentions().get(i));
        }
        return output;
    }

    private static SegmentStack.Segment segment(ModelInputs inputs) {
        boolean choices = inputs.choices() > 1;
        Optional<Tensor> real_BT = inputs.mask("attention_mask")
                .or(() -> inputs.mask("input_mask").map(Tensor::logical_not));
        if (inputs.find("attention_mask").isPresent() && inputs.find("input_mask").isPresent()) {
            throw new ShapeException("model input: got both attention_mask and input_mask, allowed one of them");
        }
        UnaryOperator<Tensor> rows = tensor -> choices ? tensor.flatten(0, 1) : tensor;
        StackInput tokens = StackInput.of(
                        inputs.find("input_ids").map(rows), inputs.find("inputs_embeds").map(rows))
                .withPlaces(new StackInput.Places(
                        Optional.empty(), inputs.find("token_type_ids").map(rows), Optional.empty()))
                .withMasks(InputMasks.of(inputs, real_BT, rows))
                .withHeads(new HeadMask(inputs.find("head_mask"), Optional.empty()));
        List<Tensor> memory = new ArrayList<>();
        while (inputs.find("mems." + memory.size()).isPresent()) {
            memory.add(inputs.find("mems." + memory.size()).get());
        }
        return new SegmentStack.Segment(tokens, memory,
                inputs.find("target_mapping").map(rows),
                Optional.empty());
    }

    /** The stack. */
    public SegmentStack body() {
        return network.body;
    }

    @Override
    public Module network() {
        return network;
    }

    /** There is none: what earlier segments leave is the memory among the outputs. */
    @Override
    public KeyValueCache newCache() {
        throw new JformersException(
                "cache: got " + identity().architecture() + ", which keeps a memory, its outputs mems.0 ...");
    }

    @Override
    protected Decoding decodingOf(CacheKind kind) {
        if (identity().task() != Task.CAUSAL_LM) {
            throw new JformersException("generate: got " + identity().architecture() + ", allowed language models");
        }
        return new GroupedDecoding(identity().architecture(), this::rows);
    }

    private RowGroup rows(ModelInputs prompt) {
        boolean padded = prompt.find("attention_mask")
                .map(mask -> LongStream.of(Tensors.toLongs(mask)).anyMatch(real -> real == 0))
                .orElse(false);
        if (padded) {
            throw new ShapeException("attention_mask: got padding in a prompt for " + identity().architecture()
                    + ", whose memory has none, allowed prompts of one length in a batch");
        }
        return new SegmentRows();
    }

    /**
     * A loss and what is remembered of its segment.
     *
     * @param loss as {@link #loss} gives it
     * @param memory per layer the states [M, B, C], without gradient, for the inputs {@code mems.0}, {@code mems.1} ...
     */
    public record Read(Loss loss, List<Tensor> memory) {}

    /**
     * The loss of a segment with labels, to be trained on, and its memory for the next one.
     *
     * @param memory what is kept, in place of what the model's configuration says
     * @throws ShapeException if there is an input that the model does not use; see {@link #takes}
     */
    public Read read(ModelInputs inputs, SegmentMemory memory) {
        inputs.requireOnly(takes(), identity().architecture());
        return using(() -> {
            SegmentStack.Output read = network.body.forward(segment(inputs), memory, Capture.nothing());
            return new Read(network.head.loss(read.hidden(), inputs), read.memory());
        });
    }

    @Override
    protected Loss lossOf(ModelInputs inputs) {
        return network.head.loss(network.body.forward(segment(inputs), Capture.nothing()).hidden(), inputs);
    }

    @Override
    public void requireCausal(String use) {
        if (!(network.head instanceof AdaptiveSoftmaxHead)) {
            throw new JformersException(use + ": got " + identity().architecture()
                    + ", which sees both sides, allowed decoders");
        }
    }

    /** Scores [B, V] of states [B, C]. */
    private Tensor scores(Tensor hidden_BC) {
        return network.head instanceof AdaptiveSoftmaxHead adaptive
                ? adaptive.logProbabilities(hidden_BC)
                : LanguageModelHead.of(network.head, identity().architecture()).logits(hidden_BC);
    }

    /**
     * Reads on with the memory. With two streams, a token behind the last one is asked for that nobody sees, and the
     * last token is read twice so that it sees the newer one: each step reads the last two tokens and drops what the
     * memory holds of them, as the reference does. Padding is not told apart, which neither reference does.
     */
    private final class SegmentRows implements RowGroup {
        private List<Tensor> memory_MBC = List.of();
        /** int64 [B, 1], the last token that was read; null before the first. */
        private @Nullable Tensor last_B1;
        /** bool [B], rows that run backward; null where none does. They stay so when others end. */
        private @Nullable Tensor backward_B;

        @Override
        public Tensor next(Tensor ids_BT) {
            return Scopes.scoped(() -> streams == SegmentStack.Streams.ONE ? readOn(ids_BT) : ask(ids_BT));
        }

        private Tensor readOn(Tensor ids_BT) {
            SegmentStack.Output read = network.body.forward(
                    new SegmentStack.Segment(
                            StackInput.of(ids_BT), memory_MBC, Optional.empty(), Optional.empty()),
                    Capture.nothing());
            remember(read.memory());
            return scores(read.hidden().select(1, ids_BT.size(1) - 1)).to(ScalarType.Float);
        }

        private Tensor ask(Tensor ids_BT) {
            if (last_B1 == null && network.body.spec().waves().direction() == RelativeWaves.Direction.BOTH) {
                backward_B = Scopes.keep(RelativeWaves.secondHalf(ids_BT.size(0)));
            }
            Tensor asked_B1 = torch.zeros_like(ids_BT.narrow(1, 0, 1));
            Tensor tokens_BT = last_B1 == null
                    ? Tensors.cat(1, ids_BT, asked_B1)
                    : Tensors.cat(1, last_B1, ids_BT, asked_B1);
            long length = tokens_BT.size(1);
            Tensor isAsked_T = Tensors.range(0, length).eq(new Scalar(length - 1));
            Tensor hidden_BTT = isAsked_T.expand(tokens_BT.size(0), length, length);
            BatchMasks asked = new BatchMasks(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(hidden_BTT));
            Tensor target_B1T = isAsked_T.to(ScalarType.Float).expand(tokens_BT.size(0), 1, length);
            SegmentStack.Output read = network.body.forward(
                    new SegmentStack.Segment(
                            StackInput.of(tokens_BT).withMasks(asked), memory_MBC, Optional.of(target_B1T),
                            Optional.ofNullable(backward_B)),
                    Capture.nothing());
            // The token asked for, and the last one, which is read again.
            remember(read.memory().stream().map(all -> all.narrow(0, 0, Math.max(0, all.size(0) - 2))).toList());
            last_B1 = replaced(last_B1, ids_BT.narrow(1, ids_BT.size(1) - 1, 1));
            return scores(read.hidden().select(1, 0)).to(ScalarType.Float);
        }

        private void remember(List<Tensor> states) {
            List<Tensor> kept = states.stream().map(tensor -> Scopes.keep(tensor.clone())).toList();
            memory_MBC.forEach(Tensor::close);
            memory_MBC = kept.stream().anyMatch(tensor -> tensor.size(0) == 0) ? closed(kept) : kept;
        }

        private List<Tensor> closed(List<Tensor> tensors) {
            tensors.forEach(Tensor::close);
            return List.of();
        }

        private Tensor replaced(@Nullable Tensor old, Tensor tensor) {
            Tensor kept = Scopes.keep(tensor.clone());
            if (old != null) {
                old.close();
            }
            return kept;
        }

        @Override
        public void reorder(Tensor rows_B) {
            Scopes.run(() -> {
                remember(memory_MBC.stream().map(tensor -> Tensors.pick(tensor, 1, rows_B)).toList());
                if (last_B1 != null) {
                    last_B1 = replaced(last_B1, last_B1.index_select(0, rows_B));
                }
                if (backward_B != null) {
                    backward_B = replaced(backward_B, backward_B.index_select(0, rows_B));
                }
            });
        }

        @Override
        public void close() {
            closed(memory_MBC);
            if (last_B1 != null) {
                last_B1.close();
            }
            if (backward_B != null) {
                backward_B.close();
            }
        }
    }
}
