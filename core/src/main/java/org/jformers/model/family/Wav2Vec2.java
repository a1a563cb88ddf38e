package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;
import org.jformers.model.head.AdaptedHead;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.CtcHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.PooledClassificationHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.conv.Adapter;
import org.jformers.nn.conv.FrameCount;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * wav2vec 2.0: an encoder of waveforms; with a head for connectionist temporal classification it writes speech down.
 *
 * <p>Reference: arXiv:2006.11477; transformers 5.18 {@code models/wav2vec2}. Norms stand behind the parts, or with
 * {@code do_stable_layer_norm} before them.
 */
public final class Wav2Vec2 implements ModelFamily<Wav2Vec2.Config> {
    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            @Nullable Integer vocabSize,
            int hiddenSize,
            int numHiddenLayers,
            int numAttentionHeads,
            int intermediateSize,
            @Nullable String hiddenAct,
            @Nullable Double hiddenDropout,
            @Nullable Double activationDropout,
            @Nullable Double attentionDropout,
            @Nullable Double featProjDropout,
            @Nullable Double finalDropout,
            @Nullable Double layerdrop,
            @Nullable Double initializerRange,
            @Nullable Double layerNormEps,
            @Nullable String featExtractNorm,
            @Nullable String featExtractActivation,
            @Nullable List<Integer> convDim,
            @Nullable List<Integer> convStride,
            @Nullable List<Integer> convKernel,
            @Nullable Boolean convBias,
            @Nullable Integer numConvPosEmbeddings,
            @Nullable Integer numConvPosEmbeddingGroups,
            @Nullable Boolean doStableLayerNorm,
            @Nullable Boolean applySpecAugment,
            @Nullable Double maskTimeProb,
            @Nullable Integer maskTimeLength,
            @Nullable Integer maskTimeMinMasks,
            @Nullable Double maskFeatureProb,
            @Nullable Integer maskFeatureLength,
            @Nullable Integer maskFeatureMinMasks,
            @Nullable String ctcLossReduction,
            @Nullable Boolean ctcZeroInfinity,
            @Nullable Boolean useWeightedLayerSum,
            @Nullable Integer classifierProjSize,
            @Nullable Boolean addAdapter,
            @Nullable Integer adapterKernelSize,
            @Nullable Integer adapterStride,
            @Nullable Integer numAdapterLayers,
            @Nullable Integer outputHiddenSize,
            @Nullable Integer adapterAttnDim,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        boolean adapts() {
            return or(addAdapter, false);
        }

        int outputWidth() {
            return adapts() ? or(outputHiddenSize, hiddenSize) : hiddenSize;
        }

        /** The input may be hidden in training, so that there is a vector for it. */
        boolean masks() {
            return or(maskTimeProb, 0.05) > 0 || or(maskFeatureProb, 0.0) > 0;
        }
    }

    @Override
    public String modelType() {
        return "wav2vec2";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "Wav2Vec2Model", Task.BASE,
                "Wav2Vec2ForCTC", Task.CTC,
                "Wav2Vec2ForSequenceClassification", Task.SEQUENCE_CLASSIFICATION);
    }

    @Override
    public SingleStackModel.Spec spec(Config c, Task task) {
        if (c.adapterAttnDim() != null) {
            throw new ConfigException("wav2vec2: got adapter_attn_dim " + c.adapterAttnDim() + ", allowed null");
        }
        boolean stable = or(c.doStableLayerNorm(), false);
        double dropout = or(c.hiddenDropout(), 0.1);
        int headDim = headDim(
                "wav2vec2", "hidden_size", c.hiddenSize(), "num_attention_heads", c.numAttentionHeads());
        var norm = new LayerNorm.Spec(c.hiddenSize(), or(c.layerNormEps(), 1e-5));
        var attention = SelfAttention.Spec.of(c.hiddenSize(), c.numAttentionHeads(), headDim, new FullMask())
                .withDropout(or(c.attentionDropout(), 0.1));
        var feedForward = new Mlp.Spec(
                        c.hiddenSize(), c.intermediateSize(), Activation.named(or(c.hiddenAct(), "gelu")))
                .withDropout(or(c.activationDropout(), 0.1));
        var block = Block.Spec.of(
                        norm, stable ? Block.NormOrder.PRE : Block.NormOrder.POST, attention, feedForward)
                .withDropout(dropout);
        var input = Wav2Vec2Entrance.of(c, stable ? Optional.empty() : Optional.of(norm), dropout);
        var body = Stack.Spec.of(input, Collections.nCopies(c.numHiddenLayers(), block))
                .withLayerDrop(or(c.layerdrop(), 0.1))
                .withEnd(new Stack.Final(stable ? Optional.of(norm) : Optional.empty(), Stack.LastState.PLAIN));
        double range = or(c.initializerRange(), 0.02);
        return new SingleStackModel.Spec(
                body, adapted(c, task, head(c, task, input.frames())), new Initialization.Normal(range, range));
    }

    private static Head.Spec head(Config c, Task task, FrameCount frames) {
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CTC -> new CtcHead.Spec(
                    c.outputWidth(), or(c.vocabSize(), 32), c.common().padTokenId().orElse(0), adapted(c, frames),
                    reduction(or(c.ctcLossReduction(), "sum")), or(c.ctcZeroInfinity(), false),
                    or(c.finalDropout(), 0.1));
            case SEQUENCE_CLASSIFICATION -> new PooledClassificationHead.Spec(
                    c.hiddenSize(), or(c.classifierProjSize(), 256), c.common().labels().size(),
                    or(c.useWeightedLayerSum(), false) ? c.numHiddenLayers() + 1 : 0, Optional.of(frames));
            default -> throw new ConfigException("wav2vec2: got task " + task + ", which has no head");
        };
    }

    private static CtcHead.Reduction reduction(String name) {
        return switch (name) {
            case "mean" -> CtcHead.Reduction.MEAN;
            case "sum" -> CtcHead.Reduction.SUM;
            default -> throw new ConfigException("wav2vec2: got ctc_loss_reduction " + name + ", allowed mean, sum");
        };
    }

    private static Head.Spec adapted(Config c, Task task, Head.Spec head) {
        if (!c.adapts()) {
            return head;
        }
        if (task == Task.SEQUENCE_CLASSIFICATION) {
            throw new ConfigException("wav2vec2: got add_adapter true, allowed false for sequence classification");
        }
        return new AdaptedHead.Spec(
                new Adapter.Spec(
                        c.hiddenSize(), c.outputWidth(), or(c.numAdapterLayers(), 3), or(c.adapterKernelSize(), 3),
                        or(c.adapterStride(), 2), or(c.layerdrop(), 0.1)),
                head);
    }

    /** The reference counts the adapter's frames as if its windows held one frame. */
    private static FrameCount adapted(Config c, FrameCount frames) {
        List<FrameCount.Window> windows = new ArrayList<>(frames.windows());
        if (c.adapts()) {
            var one = new FrameCount.Window(1, or(c.adapterStride(), 2));
            windows.addAll(Collections.nCopies(or(c.numAdapterLayers(), 3), one));
        }
        return new FrameCount(windows);
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        return Wav2Vec2Weights.of(task, or(c.doStableLayerNorm(), false), c.adapts());
    }
}
