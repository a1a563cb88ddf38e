package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.model.kind.SwitchLoss;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.feedforward.SwitchedExperts;
import org.jformers.nn.stack.EncoderDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Switch Transformers: T5 with one of several experts for each token in some layers.
 *
 * <p>Reference: arXiv:2101.03961; transformers 5.18 {@code models/switch_transformers}.
 *
 * <p>Differences from {@link T5}: the second layer and every n-th from there on have experts, in both stacks; an own
 * output layer means own token tables too.
 */
public final class SwitchTransformers implements ModelFamily<SwitchTransformers.Config> {

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
            int numExperts,
            int expertCapacity,
            @Nullable Integer numSparseEncoderLayers,
            @Nullable Integer numSparseDecoderLayers,
            @Nullable Integer encoderSparseStep,
            @Nullable Integer decoderSparseStep,
            @Nullable Boolean routerBias,
            @Nullable Double routerJitterNoise,
            @Nullable String routerDtype,
            @JsonProperty("router_z_loss_coef") @Nullable Double routerZLossCoef,
            @Nullable Double routerAuxLossCoef,
            @Nullable Integer relativeAttentionNumBuckets,
            @Nullable Integer relativeAttentionMaxDistance,
            @Nullable Double dropoutRate,
            @Nullable Double layerNormEpsilon,
            @Nullable Double initializerFactor,
            @Nullable String denseActFn,
            @Nullable Integer decoderStartTokenId,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        private SharedTable table(Task task) {
            return T5Stacks.table(common(), common().tieWordEmbeddings(), "", task != Task.ENCODER);
        }

        int decoderLayers() {
            return or(numDecoderLayers, numLayers);
        }

        int encoderStep() {
            return or(encoderSparseStep, numLayers / Math.max(1, or(numSparseEncoderLayers, 3)));
        }

        int decoderStep() {
            return or(decoderSparseStep, decoderLayers() / Math.max(1, or(numSparseDecoderLayers, 3)));
        }
    }

    @Override
    public String modelType() {
        return "switch_transformers";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "SwitchTransformersModel", Task.BASE,
                "SwitchTransformersForConditionalGeneration", Task.SEQ2SEQ_LM,
                "SwitchTransformersEncoderModel", Task.ENCODER);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        if (!or(c.routerDtype(), "float32").equals("float32")) {
            throw new ConfigException(modelType() + ": got router_dtype " + c.routerDtype() + ", allowed float32");
        }
        var stacks = new T5Stacks(c.dModel(), c.dKv(), c.numHeads(), c.vocabSize(),
                or(c.relativeAttentionNumBuckets(), 32), or(c.relativeAttentionMaxDistance(), 128), dropout(c),
                or(c.layerNormEpsilon(), 1e-6));
        var initialization = new Initialization.FanIn(or(c.initializerFactor(), 1.0), c.dModel(), c.dKv());
        var encoder = stacks.encoder(feedForwards(c, c.numLayers(), c.encoderStep()));
        if (task == Task.ENCODER) {
            return new SingleStackModel.Spec(encoder, head(c, task), initialization);
        }
        var decoder = stacks.decoder(feedForwards(c, c.decoderLayers(), c.decoderStep()));
        return new Seq2SeqModel.Spec(
                        new EncoderDecoder.Spec(encoder, decoder, c.table(task).tokens()), head(c, task),
                        initialization,
                        T5Stacks.start(task, Optional.ofNullable(c.decoderStartTokenId()), c.common().padTokenId()))
                .withSwitchLoss(new SwitchLoss(
                        or(c.routerAuxLossCoef(), 0.001), or(c.routerZLossCoef(), 0.001), counted(c)));
    }

    /** Layers 1, 1 + n, 1 + 2n ... have experts, or all with a step of one. */
    private static List<FeedForward.Spec> feedForwards(Config c, int layers, int step) {
        Activation activation = Activation.named(or(c.denseActFn(), "relu"));
        var dense = new Mlp.Spec(c.dModel(), c.dFf(), activation).withoutBias().withDropout(dropout(c));
        var sparse = new SwitchedExperts.Spec(dense, c.numExperts(), c.expertCapacity(), or(c.routerBias(), false),
                or(c.routerJitterNoise(), 0.01));
        return IntStream.range(0, layers)
                .<FeedForward.Spec>mapToObj(layer -> step == 1 || step > 1 && layer % step == 1 ? sparse : dense)
                .toList();
    }

    /** The reference leaves a stack out that has experts in each layer. */
    private static List<String> counted(Config c) {
        List<String> counted = new ArrayList<>();
        if (c.encoderStep() > 1) {
            counted.add("encoder");
        }
        if (c.decoderStep() > 1) {
            counted.add("decoder");
        }
        return counted;
    }

    private static double dropout(Config c) {
        return or(c.dropoutRate(), 0.1);
    }

    private static Head.Spec head(Config c, Task task) {
        boolean tied = c.table(task).tiesOutput();
        return task == Task.SEQ2SEQ_LM
                ? LanguageModelHead.Spec.of(c.vocabSize(), c.dModel(), tied, LanguageModelHead.Target.SAME)
                        .withScores(new LanguageModelHead.Scores(
                                c.common().tieWordEmbeddings() ? 1 / Math.sqrt(c.dModel()) : 1, Optional.empty()))
                : new BaseHead.Spec(Optional.empty());
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        var names = new T5Stacks.Names("", task != Task.ENCODER);
        var map = names.attention(c.table(task));
        names.eachFeedForward((layer, block) -> map
                .map(layer + "mlp.wi.weight", block + "in.weight")
                .map(layer + "mlp.wo.weight", block + "out.weight")
                .module(layer + "mlp.router.classifier", block + "router")
                .map(layer + "mlp.experts.expert_{}.wi.weight", block + "experts.{}.in.weight")
                .map(layer + "mlp.experts.expert_{}.wo.weight", block + "experts.{}.out.weight"));
        return map.build();
    }
}
