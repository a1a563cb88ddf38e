package org.jformers.model.family;

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
import java.util.stream.IntStream;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.AdaptiveSoftmaxHead;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.kind.SegmentModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.RelativeAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.RelativeWaves;
import org.jformers.nn.stack.AdaptiveInput;
import org.jformers.nn.stack.AdaptiveInput.Clusters;
import org.jformers.nn.stack.SegmentMemory;
import org.jformers.nn.stack.SegmentSight;
import org.jformers.nn.stack.SegmentStack;
import org.jspecify.annotations.Nullable;

/**
 * Transformer-XL: a decoder that reads a text segment by segment with a memory of the states before, over a vocabulary
 * in clusters.
 *
 * <p>Reference: arXiv:1901.02860; transformers 4.57 {@code models/deprecated/transfo_xl}, the last to have it.
 */
public final class TransfoXl implements ModelFamily<TransfoXl.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize, int dModel, int nLayer, int nHead, int dHead, int dInner, @Nullable Integer dEmbed,
            @Nullable List<Integer> cutoffs, @Nullable Integer divVal, @Nullable Boolean preLnorm,
            @Nullable Integer memLen, @Nullable Integer clampLen, @Nullable Boolean sameLength,
            @Nullable Boolean projShareAllButFirst, @Nullable List<Boolean> tieProjs, @Nullable Integer attnType,
            @Nullable Integer sampleSoftmax, @Nullable Double dropout, @Nullable Double dropatt,
            @Nullable Boolean untieR, @Nullable Double layerNormEpsilon,
            @Nullable Double initStd, @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "transfo-xl";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "TransfoXLModel", Task.BASE,
                "TransfoXLLMHeadModel", Task.CAUSAL_LM,
                "TransfoXLForSequenceClassification", Task.SEQUENCE_CLASSIFICATION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        if (or(c.attnType(), 0) != 0 || or(c.sampleSoftmax(), -1) > 0) {
            throw new ConfigException("transfo-xl: got attn_type " + c.attnType() + " and sample_softmax "
                    + c.sampleSoftmax() + ", allowed 0 and at most 0");
        }
        int width = c.dModel();
        double dropout = or(c.dropout(), 0.1);
        var biases = or(c.untieR(), true) ? RelativeAttention.Biases.OWN : RelativeAttention.Biases.SHARED;
        var attention = new RelativeAttention.Spec(width, c.nHead(), c.dHead(), biases,
                RelativeAttention.Segments.NONE, or(c.dropatt(), 0.0));
        var norm = new LayerNorm.Spec(width, or(c.layerNormEpsilon(), 1e-5));
        var order = or(c.preLnorm(), false) ? Block.NormOrder.PRE : Block.NormOrder.POST;
        var feedForward = new Mlp.Spec(width, c.dInner(), Activation.RELU).withDropout(dropout);
        var block = Block.Spec.of(norm, order, attention, feedForward).withDropout(dropout);
        int memory = or(c.memLen(), 1600);
        var reach = or(c.sameLength(), true) ? new SegmentSight.Reach.Tokens(memory) : new SegmentSight.Reach.All();
        var body = new SegmentStack.Spec(new AdaptiveInput.Spec(clusters(c), width, dropout),
                Collections.nCopies(c.nLayer(), block),
                new RelativeWaves.Spec(width, Optional.of(or(c.clampLen(), 1000)).filter(limit -> limit > 0),
                        RelativeWaves.Direction.FORWARD, RelativeWaves.Stored.YES),
                new SegmentSight.Past(reach),
                new SegmentMemory(Optional.of(memory), Optional.empty(), SegmentMemory.Start.ZEROS),
                SegmentStack.Streams.ONE, dropout);
        double deviation = or(c.initStd(), 0.02);
        return new SegmentModel.Spec(body, head(c, task), new Initialization.Normal(deviation, deviation));
    }

    private static Clusters clusters(Config c) {
        List<Integer> ends = new ArrayList<>(or(c.cutoffs(), List.of(20_000, 40_000, 200_000)));
        ends.add(c.vocabSize());
        try {
            return new Clusters(ends, or(c.dEmbed(), 1024), or(c.divVal(), 4));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "transfo-xl: cutoffs, d_embed and div_val do not fit together, " + e.getMessage(), e);
        }
    }

    private static List<Boolean> tiedMaps(Config c) {
        boolean share = or(c.projShareAllButFirst(), true);
        return or(c.tieProjs(), IntStream.range(0, clusters(c).count()).mapToObj(i -> i > 0 && share).toList());
    }

    private static Head.Spec head(Config c, Task task) {
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> new AdaptiveSoftmaxHead.Spec(c.common().tieWordEmbeddings(), tiedMaps(c));
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    c.dModel(), c.common().labels().size(),
                    new SequenceClassificationHead.Summary.LastToken(c.common().padTokenId()), false, 0,
                    c.common().problemType());
            default -> throw new ConfigException("transfo-xl: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String layer = "transformer.layers.{}.";
        String attention = layer + "dec_attn.";
        String block = "body.blocks.{}.";
        String to = block + "attention.";
        long rows = (long) c.nHead() * c.dHead();
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.word_emb.emb_layers.{}.weight", "body.input.tables.{}.weight")
                .map("transformer.word_emb.emb_projs.{}", "body.input.maps.{}")
                .map("transformer.pos_emb.inv_freq", "body.waves.frequencies")
                .divided(attention + "qkv_net.weight", List.of(rows, rows, rows),
                        List.of(to + "q.weight", to + "k.weight", to + "v.weight"))
                .map(attention + "r_net.weight", to + "r.weight")
                .map(attention + "o_net.weight", to + "out.weight")
                .module(attention + "layer_norm", block + "attentionNorm")
                .module(layer + "pos_ff.CoreNet.0", block + "feedForward.in")
                .module(layer + "pos_ff.CoreNet.3", block + "feedForward.out")
                .module(layer + "pos_ff.layer_norm", block + "feedForwardNorm")
                .map("crit.cluster_weight", "head.clusterWeight").map("crit.cluster_bias", "head.clusterBias")
                .map("crit.out_layers.{}.bias", "head.biases.{}")
                .map("score.weight", "head.classifier.weight");
        for (List<String> names : List.of(List.of("r_w_bias", "contentBias"), List.of("r_r_bias", "positionBias"))) {
            if (or(c.untieR(), true)) {
                map.map(attention + names.get(0), to + names.get(1));
            } else {
                map.map("transformer." + names.get(0), "body." + names.get(1));
                IntStream.range(0, c.nLayer()).forEach(i -> map.tied(
                        "transformer.layers." + i + ".dec_attn." + names.get(0), "body." + names.get(1)));
            }
        }
        return withOutput(c, task, map);
    }

    /** The tables and maps of the output, the entrance's or its own. */
    private static WeightMap withOutput(Config c, Task task, WeightMap.Builder map) {
        String table = "crit.out_layers.{}.weight";
        if (c.common().tieWordEmbeddings()) {
            map.tied(table, "body.input.tables.{}.weight");
        } else {
            map.map(table, "head.tables.{}");
        }
        List<Boolean> tied = tiedMaps(c);
        for (int i = 0; i < clusters(c).count(); i++) {
            String stored = "crit.out_projs." + i;
            if (i < tied.size() && tied.get(i)) {
                map.tied(stored, "body.input.maps." + (clusters(c).divisor() == 1 ? 0 : i));
            } else {
                map.map(stored, "head.maps." + i);
            }
        }
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }
}
