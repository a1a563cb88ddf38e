package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
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
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.kind.DecoderStart;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.block.Block.NormOrder;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.nn.position.SinusoidalPositions.Layout;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * The original Transformer: encoder and decoder over one shared token table, scaled by sqrt(C), with sinusoidal
 * positions.
 *
 * <p>Reference: arXiv:1706.03762. The config is this project's own; weights have the names of torch.nn's Transformer
 * layers, whose {@code in_proj_weight} holds the rows of q, k and v.
 */
public final class Vaswani implements ModelFamily<Vaswani.Config> {

    /** The keys of {@code config.json}. {@code norm_first} moves the norms before the parts (pre-norm). */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int dModel,
            int nhead,
            int numEncoderLayers,
            int numDecoderLayers,
            int dimFeedforward,
            @Nullable String activation,
            boolean normFirst,
            boolean finalNorm,
            @Nullable Double labelSmoothing,
            @Nullable Double dropout,
            int padId,
            int bosId,
            int eosId,
            int maxPositions,
            @Nullable Double layerNormEps,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "vaswani";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("VaswaniTransformer", Task.SEQ2SEQ_LM);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = headDim("vaswani", "d_model", c.dModel(), "nhead", c.nhead());
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), c.dModel(), -1))
                .withScale(InputEmbedding.Scale.of(Math.sqrt(c.dModel())))
                .withPositions(new SinusoidalPositions.Spec(c.maxPositions(), c.dModel(), Layout.INTERLEAVED))
                .withDropout(dropout(c));
        var cross = CrossAttention.Spec.of(c.dModel(), c.nhead(), headDim).withDropout(dropout(c));
        var encoder = Collections.nCopies(c.numEncoderLayers(), block(c, headDim, new FullMask()));
        var decoder = Collections.nCopies(
                c.numDecoderLayers(), block(c, headDim, new CausalMask()).withCrossAttention(Optional.of(cross)));
        return new Seq2SeqModel.Spec(
                new EncoderDecoder.Spec(
                        stack(c, input, encoder), stack(c, input, decoder), EncoderDecoder.Tokens.SHARED),
                LanguageModelHead.Spec.of(c.vocabSize(), c.dModel(), true, LanguageModelHead.Target.SAME)
                        .withLabels(new LanguageModelHead.Labels(
                                LanguageModelHead.Target.SAME, or(c.labelSmoothing(), 0.0), Optional.empty())),
                new Initialization.Glorot(), new DecoderStart.Given());
    }

    private static Stack.Spec stack(Config c, InputEmbedding.Spec input, List<Block.Spec> blocks) {
        Stack.Spec stack = Stack.Spec.of(input, blocks);
        return c.finalNorm() ? stack.withFinalNorm(norm(c)) : stack;
    }

    private static Block.Spec block(Config c, int headDim, Mask mask) {
        return Block.Spec.of(
                        norm(c), c.normFirst() ? NormOrder.PRE : NormOrder.POST,
                        SelfAttention.Spec.of(c.dModel(), c.nhead(), headDim, mask).withDropout(dropout(c)),
                        new Mlp.Spec(c.dModel(), c.dimFeedforward(), Activation.named(c.activation()))
                                .withDropout(dropout(c)))
                .withDropout(dropout(c));
    }

    private static LayerNorm.Spec norm(Config c) {
        return new LayerNorm.Spec(c.dModel(), or(c.layerNormEps(), 1e-5));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        var map = WeightMap.builder().map("embedding.weight", "body.embedding.weight");
        for (String side : List.of("encoder", "decoder")) {
            String layer = side + ".layers.{}.";
            String block = "body." + side + ".blocks.{}.";
            map.map(layer + "self_attn.in_proj_weight", block + "attention.qkv.weight")
                    .map(layer + "self_attn.in_proj_bias", block + "attention.qkv.bias")
                    .module(layer + "self_attn.out_proj", block + "attention.out")
                    .module(layer + "norm1", block + "attentionNorm")
                    .module(layer + "linear1", block + "feedForward.in")
                    .module(layer + "linear2", block + "feedForward.out")
                    .module(layer + (side.equals("encoder") ? "norm2" : "norm3"), block + "feedForwardNorm")
                    .module(side + ".norm", "body." + side + ".finalNorm");
        }
        String cross = "body.decoder.blocks.{}.crossAttention";
        List<Long> rows = List.of((long) c.dModel(), 2L * c.dModel());
        for (String kind : List.of("weight", "bias")) {
            map.divided("decoder.layers.{}.multihead_attn.in_proj_" + kind, rows,
                    List.of(cross + ".q." + kind, cross + ".kv." + kind));
        }
        return map.module("decoder.layers.{}.norm2", cross + "Norm")
                .module("decoder.layers.{}.multihead_attn.out_proj", cross + ".out")
                .build();
    }

    private static double dropout(Config c) {
        return or(c.dropout(), 0.1);
    }
}
