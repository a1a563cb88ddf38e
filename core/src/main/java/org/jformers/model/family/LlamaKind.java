package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jformers.model.ConfigException;
import org.jformers.model.Defaults;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.HeadShape;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.GatedMlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.SlidingWindowMask;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * What the families of Llama's kind share: decoders with RMS norms, grouped heads, rotary positions, a gated
 * feed-forward part, and heads under the same names. For families of one's own too.
 */
public final class LlamaKind {
    public static final String SLIDING = "sliding_attention";
    public static final String FULL = "full_attention";

    private LlamaKind() {}

    /** The keys that these families share; null where the file may leave them out. */
    public interface Config extends org.jformers.model.Config {
        int vocabSize();
        int hiddenSize();

        int intermediateSize();

        int numHiddenLayers();

        int numAttentionHeads();

        @Nullable Integer headDim();

        @Nullable Double attentionDropout();

        @Nullable Double initializerRange();

        @Nullable Double ropeTheta();

        @Nullable Map<String, Object> ropeScaling();

        @Nullable Map<String, Object> ropeParameters();
    }

    /** The classes of a family and their tasks, by what their names begin with: {@code Llama}. */
    public static Map<String, Task> architectures(String name) {
        Map<String, Task> architectures = new LinkedHashMap<>();
        architectures.put(name + "Model", Task.BASE);
        architectures.put(name + "ForCausalLM", Task.CAUSAL_LM);
        architectures.put(name + "ForSequenceClassification", Task.SEQUENCE_CLASSIFICATION);
        architectures.put(name + "ForTokenClassification", Task.TOKEN_CLASSIFICATION);
        architectures.put(name + "ForQuestionAnswering", Task.QUESTION_ANSWERING);
        return architectures;
    }

    /** Width of a head: set, or what the heads share, into which the width must divide. */
    public static int headDim(String family, Config c) {
        return c.headDim() == null
                ? Defaults.headDim(family, "hidden_size", c.hiddenSize(), "num_attention_heads", c.numAttentionHeads())
                : c.headDim();
    }

    /**
     * Number of key/value heads.
     *
     * @param given what the file says, empty for a null in it, which means as many as query heads; null for nothing
     * @param otherwise where it says nothing
     */
    public static int keyValueHeads(Config c, @Nullable OptionalInt given, OptionalInt otherwise) {
        return or(given, otherwise).orElse(c.numAttentionHeads());
    }

    /** Attention without biases and positions; {@code withRope} and {@code withBias} add them. */
    public static SelfAttention.Spec attention(Config c, int keyValueHeads, int headDim, Mask mask) {
        var heads = new HeadShape(c.numAttentionHeads(), keyValueHeads, headDim);
        return SelfAttention.Spec.of(c.hiddenSize(), heads, mask)
                .withBias(AttentionBias.NONE)
                .withDropout(or(c.attentionDropout(), 0.0));
    }

    /** A gated feed-forward part without biases; a {@link ConfigException} if there is no such activation. */
    public static GatedMlp.Spec gatedMlp(Config c, String activation) {
        return new GatedMlp.Spec(c.hiddenSize(), c.intermediateSize(), Activation.named(activation));
    }

    /** The past and itself, within a window if there is one. */
    public static Mask causal(OptionalInt window) {
        return window.isPresent()
                ? new CausalMask().and(new SlidingWindowMask(window.getAsInt()))
                : new CausalMask();
    }

    /** The mask of a layer of that type. */
    public static Mask causal(String family, String layerType, OptionalInt window) {
        if (layerType.equals(SLIDING) && window.isEmpty()) {
            throw new ConfigException(
                    family + ": got layers with " + SLIDING + " and no sliding_window, allowed a number");
        }
        return causal(layerType.equals(SLIDING) ? window : OptionalInt.empty());
    }

    /** The type of each layer: what the file says, or sliding where {@code sliding} says so. */
    public static List<String> layerTypes(
            String family, int layers, @Nullable List<String> given, IntPredicate sliding) {
        List<String> types = given != null
                ? given
                : IntStream.range(0, layers).mapToObj(i -> sliding.test(i) ? SLIDING : FULL).toList();
        if (types.size() != layers || !List.of(SLIDING, FULL).containsAll(types)) {
            throw new ConfigException(family + ": got layer_types " + types + ", allowed " + FULL + " or " + SLIDING
                    + " for each of " + layers + " layers");
        }
        return types;
    }

    /** The token table; the vector of the padding token is never trained. */
    public static InputEmbedding.Spec input(Config c, Optional<Integer> padding) {
        // Some files say -1 for none; the reference takes it for the last token.
        int row = padding.map(id -> id < 0 ? c.vocabSize() + id : id).orElse(-1);
        return InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), c.hiddenSize(), row));
    }

    /** Blocks and a norm behind them, with the token table and the head of a task: the whole of a usual relative. */
    public static SingleStackModel.Spec model(
            String family, Config c, Task task, List<Block.Spec> blocks, Norm.Spec norm) {
        Optional<Integer> padding = c.common().padTokenId();
        return decoder(c, input(c, padding), blocks, norm, head(family, c, task, tied(c), padding, Optional.empty()));
    }

    /** Whether the token table is the output layer; apart where the file does not say. */
    public static boolean tied(Config c) {
        return c.common().tieWordEmbeddings(false);
    }

    /** Blocks and a norm behind them. */
    public static SingleStackModel.Spec decoder(
            Config c, InputEmbedding.Spec input, List<Block.Spec> blocks, Norm.Spec norm, Head.Spec head) {
        double range = or(c.initializerRange(), 0.02);
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, blocks).withFinalNorm(norm), head, new Initialization.Normal(range, range));
    }

    /** The head of a task, over tokens of which one may pad, with a bound on the scores of the vocabulary or none. */
    public static Head.Spec head(
            String family, Config c, Task task, boolean tied, Optional<Integer> padding, Optional<Double> softCap) {
        int classes = c.common().labels().size();
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> LanguageModelHead.Spec.of(
                            c.vocabSize(), c.hiddenSize(), tied, LanguageModelHead.Target.NEXT)
                    .withScores(new LanguageModelHead.Scores(1, softCap));
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    c.hiddenSize(), classes, new SequenceClassificationHead.Summary.LastToken(padding), false, 0,
                    c.common().problemType());
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(
                    c.hiddenSize(), classes,
                    rate(c, "classifier_dropout").or(() -> rate(c, "hidden_dropout")).orElse(0.1));
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(c.hiddenSize());
            default -> throw new ConfigException(family + ": got task " + task + ", which has no head");
        };
    }

    /** A bound: what the file says, null meaning none, or the default. */
    static Optional<Double> cap(@Nullable OptionalDouble given, OptionalDouble otherwise) {
        OptionalDouble cap = or(given, otherwise);
        return cap.isPresent() ? Optional.of(cap.getAsDouble()) : Optional.empty();
    }

    private static Optional<Double> rate(Config c, String key) {
        return c.other().get(key) instanceof Number rate ? Optional.of(rate.doubleValue()) : Optional.empty();
    }
}
