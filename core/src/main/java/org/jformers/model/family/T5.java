package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.LastEndClassificationHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.feedforward.GatedMlp;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.stack.EncoderDecoder;
import org.jspecify.annotations.Nullable;

/**
 * T5: an encoder-decoder with a bias by distance in place of positions, RMS norms, and no constants in its maps.
 *
 * <p>Reference: arXiv:1910.10683; 1.1: arXiv:2002.05202; transformers 5.18 {@code models/t5}. 1.0 has a ReLU, and its
 * output layer is the token table scaled by 1 / sqrt(C); 1.1 has a gated GELU and an unscaled output layer, mostly its
 * own.
 */
public final class T5 implements ModelFamily<T5.Config> {
    private static final String PREFIX = "transformer.";

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int dModel,
            int dKv,
            int dFf,
            int numLayers,
            @Nullable Integer numDecoderLayers,
            int numHeads,
            @Nullable Integer relativeAttentionNumBuckets,
            @Nullable Integer relativeAttentionMaxDistance,
            @Nullable Double dropoutRate,
            @Nullable Double layerNormEpsilon,
            @Nullable Double initializerFactor,
            @Nullable String feedForwardProj,
            @Nullable String denseActFn,
            @Nullable Boolean isGatedAct,
            @Nullable Boolean scaleDecoderOutputs,
            @Nullable Double classifierDropout,
            @Nullable Integer decoderStartTokenId,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        /** Without its own key the scale follows from that of the ties: 1.1 said so in its day. */
        boolean scaled() {
            return or(scaleDecoderOutputs, common().tieWordEmbeddings());
        }

        /** Tied whatever the key says, which the reference reads as the scale's. */
        private SharedTable table(Task task) {
            return T5Stacks.table(common(), true, PREFIX, isWhole(task));
        }

        T5Stacks stacks() {
            return new T5Stacks(dModel, dKv, numHeads, vocabSize, or(relativeAttentionNumBuckets, 32),
                    or(relativeAttentionMaxDistance, 128), or(dropoutRate, 0.1), or(layerNormEpsilon, 1e-6));
        }
    }

    @Override
    public String modelType() {
        return "t5";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return architectures("T5");
    }

    static Map<String, Task> architectures(String prefix) {
        return Map.of(
                prefix + "Model", Task.BASE,
                prefix + "ForConditionalGeneration", Task.SEQ2SEQ_LM,
                prefix + "EncoderModel", Task.ENCODER,
                prefix + "ForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                prefix + "ForTokenClassification", Task.TOKEN_CLASSIFICATION,
                prefix + "ForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        return spec(c, task, feedForward(c, "relu"), c.scaled() ? 1 / Math.sqrt(c.dModel()) : 1);
    }

    static ModelSpec spec(Config c, Task task, FeedForward.Spec feedForward, double scale) {
        T5Stacks stacks = c.stacks();
        var encoder = stacks.encoder(Collections.nCopies(c.numLayers(), feedForward));
        var initialization = new Initialization.FanIn(or(c.initializerFactor(), 1.0), c.dModel(), c.dKv());
        if (!isWhole(task)) {
            return new SingleStackModel.Spec(encoder, head(c, task, scale), initialization);
        }
        int layers = or(c.numDecoderLayers(), c.numLayers());
        var decoder = stacks.decoder(Collections.nCopies(layers, feedForward));
        return new Seq2SeqModel.Spec(
                new EncoderDecoder.Spec(encoder, decoder, c.table(task).tokens()), head(c, task, scale),
                initialization,
                T5Stacks.start(task, Optional.ofNullable(c.decoderStartTokenId()), c.common().padTokenId()));
    }

    /** {@code relu}, {@code gated-gelu} and their like, or the two keys that say it apart. */
    static FeedForward.Spec feedForward(Config c, String otherwise) {
        String kind = or(c.feedForwardProj(), otherwise);
        List<String> words = List.of(kind.split("-"));
        if (words.size() > 2 || words.size() == 2 && !words.get(0).equals("gated")) {
            throw new ConfigException("t5: got feed_forward_proj " + kind
                    + ", allowed the name of an activation, or gated- and the name");
        }
        String last = kind.equals("gated-gelu") ? "gelu_new" : words.get(words.size() - 1);
        Activation activation = Activation.named(or(c.denseActFn(), last));
        double dropout = or(c.dropoutRate(), 0.1);
        return or(c.isGatedAct(), words.get(0).equals("gated"))
                ? new GatedMlp.Spec(c.dModel(), c.dFf(), activation).withDropout(dropout)
                : new Mlp.Spec(c.dModel(), c.dFf(), activation).withoutBias().withDropout(dropout);
    }

    private static Head.Spec head(Config c, Task task, double scale) {
        int width = c.dModel();
        int classes = c.common().labels().size();
        double dropout = or(c.classifierDropout(), 0.0);
        return switch (task) {
            case BASE, ENCODER -> new BaseHead.Spec(Optional.empty());
            case SEQ2SEQ_LM -> LanguageModelHead.Spec.of(
                            c.vocabSize(), width, c.table(task).tiesOutput(), LanguageModelHead.Target.SAME)
                    .withScores(new LanguageModelHead.Scores(scale, Optional.empty()));
            case SEQUENCE_CLASSIFICATION -> new LastEndClassificationHead.Spec(
                    width, classes, c.common().eosTokenId().orElse(1), dropout, c.common().problemType());
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(width, classes, dropout);
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            default -> throw new ConfigException("t5: got task " + task + ", which has no head");
        };
    }

    /** Whether there is a decoder. */
    private static boolean isWhole(Task task) {
        return task != Task.ENCODER && task != Task.TOKEN_CLASSIFICATION;
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        return weights(c, task, feedForward(c, "relu") instanceof GatedMlp.Spec);
    }

    static WeightMap weights(Config c, Task task, boolean gated) {
        var names = new T5Stacks.Names(PREFIX, isWhole(task));
        var map = names.attention(c.table(task));
        names.eachFeedForward((layer, block) -> {
            String stored = layer + "DenseReluDense.";
            if (gated) {
                map.concatenated(List.of(stored + "wi_0.weight", stored + "wi_1.weight"), block + "in.weight");
            } else {
                map.map(stored + "wi.weight", block + "in.weight");
            }
            map.map(stored + "wo.weight", block + "out.weight");
        });
        map.module("classification_head.dense", "head.dense")
                .module("classification_head.out_proj", "head.classifier")
                .module("classifier", "head.tokenClassifier")
                .module("qa_outputs", "head.span");
        boolean prefixed = task == Task.SEQUENCE_CLASSIFICATION || task == Task.TOKEN_CLASSIFICATION;
        return prefixed ? map.build() : map.build().withoutPrefix();
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return T5Gguf.forms("relu");
    }
}
