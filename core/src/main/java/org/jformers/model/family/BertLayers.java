package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.CommonConfig;
import org.jformers.model.ConfigException;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.LanguageModelHead.Bias;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionRule;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * What BERT, RoBERTa and ELECTRA have in common: the same layers, under the same keys of {@code config.json} and the
 * same names in checkpoints. With {@code is_decoder} the stack is causal and may read an encoder.
 */
final class BertLayers {
    static final String TOKENS = "body.input.tokens.weight";

    private BertLayers() {}

    /** The keys that say what the layers are. */
    interface Keys extends org.jformers.model.Config {
        int vocabSize();
        int hiddenSize();

        int numHiddenLayers();

        int numAttentionHeads();

        int intermediateSize();

        @Nullable String hiddenAct();

        @Nullable Double hiddenDropoutProb();

        @Nullable Double attentionProbsDropoutProb();

        int maxPositionEmbeddings();

        @Nullable Integer typeVocabSize();

        @Nullable Double initializerRange();

        @Nullable Double layerNormEps();

        @Nullable String positionEmbeddingType();

        @Nullable Boolean isDecoder();

        @Nullable Boolean addCrossAttention();

        @Nullable Double classifierDropout();
    }

    /**
     * The stack. A linear map leads from the tokens' vectors to the layers if those are wider.
     *
     * @param paddingId id that pads
     * @param positions the position table
     * @param rule which row of it a token gets
     */
    static Stack.Spec body(String family, Keys c, int paddingId, LearnedPositions.Spec positions, PositionRule rule) {
        int embeddingWidth = positions.width();
        int width = c.hiddenSize();
        int headDim = headDim(family, "hidden_size", width, "num_attention_heads", c.numAttentionHeads());
        requireAbsolute(family, c.positionEmbeddingType());
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), embeddingWidth, paddingId))
                .withPositions(positions, rule)
                .withSegments(new Embedding.Spec(or(c.typeVocabSize(), 2), embeddingWidth, -1))
                .withNorm(norm(c, embeddingWidth)).withDropout(dropout(c));
        var feedForward = new Mlp.Spec(width, c.intermediateSize(), activation(c))
                .withChunk(c.common().feedForwardChunk());
        var block = Block.Spec.of(norm(c, width), Block.NormOrder.POST, attention(c, headDim), feedForward)
                .withCrossAttention(crossAttention(c, headDim)).withDropout(dropout(c));
        return Stack.Spec.of(
                embeddingWidth == width ? input : input.withProjection(width, InputEmbedding.Projection.Place.LAST),
                Collections.nCopies(c.numHiddenLayers(), block));
    }

    /** Refuses the relative positions that older releases of the reference had. */
    static void requireAbsolute(String family, @Nullable String positionEmbeddingType) {
        String positions = or(positionEmbeddingType, "absolute");
        if (!positions.equals("absolute")) {
            throw new ConfigException(family + ": got position_embedding_type " + positions + ", allowed absolute");
        }
    }

    private static SelfAttention.Spec attention(Keys c, int headDim) {
        Mask mask = or(c.isDecoder(), false) ? new CausalMask() : new FullMask();
        return SelfAttention.Spec.of(c.hiddenSize(), c.numAttentionHeads(), headDim, mask)
                .withDropout(or(c.attentionProbsDropoutProb(), 0.1));
    }

    private static Optional<CrossAttention.Spec> crossAttention(Keys c, int headDim) {
        return or(c.addCrossAttention(), false)
                ? Optional.of(CrossAttention.Spec.of(c.hiddenSize(), c.numAttentionHeads(), headDim)
                        .withDropout(or(c.attentionProbsDropoutProb(), 0.1)))
                : Optional.empty();
    }

    static LayerNorm.Spec norm(Keys c, int width) {
        return new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-12));
    }

    static Activation activation(Keys c) {
        return Activation.named(or(c.hiddenAct(), "gelu"));
    }

    static double dropout(Keys c) {
        return or(c.hiddenDropoutProb(), 0.1);
    }

    /** Dropout of the classification heads. */
    static double classifierDropout(Keys c) {
        return or(c.classifierDropout(), dropout(c));
    }

    static Initialization initialization(Keys c) {
        double range = or(c.initializerRange(), 0.02);
        return new Initialization.Normal(range, range);
    }

    /**
     * Scores over the vocabulary, without what stands before them.
     *
     * @param stored what the names of the output layer begin with in checkpoints; {@link #output} has them
     */
    static LanguageModelHead.Spec scores(CommonConfig common, int vocabulary, int width, String stored) {
        boolean tied = common.ties(stored + "decoder.weight");
        return LanguageModelHead.Spec.of(vocabulary, width, tied, LanguageModelHead.Target.SAME)
                .withBias(common.ties(stored + "decoder.bias") ? Bias.TRAINED : Bias.TRAINED_AND_SPARE);
    }

    /** Names of the stack, below a prefix such as {@code bert.}. */
    static WeightMap.Builder weights(String prefix) {
        String layer = prefix + "encoder.layer.{}.";
        String self = layer + "attention.";
        String cross = layer + "crossattention.";
        String block = "body.blocks.{}.";
        return embeddings(prefix)
                .stacked(List.of(self + "self.query", self + "self.key", self + "self.value"), block + "attention.qkv")
                .module(self + "output.dense", block + "attention.out")
                .module(self + "output.LayerNorm", block + "attentionNorm")
                .module(cross + "self.query", block + "crossAttention.q")
                .stacked(List.of(cross + "self.key", cross + "self.value"), block + "crossAttention.kv")
                .module(cross + "output.dense", block + "crossAttention.out")
                .module(cross + "output.LayerNorm", block + "crossAttentionNorm")
                .module(layer + "intermediate.dense", block + "feedForward.in")
                .module(layer + "output.dense", block + "feedForward.out")
                .module(layer + "output.LayerNorm", block + "feedForwardNorm");
    }

    /** Names of the entrance, which ALBERT shares. */
    static WeightMap.Builder embeddings(String prefix) {
        return WeightMap.builder()
                .prefix(prefix)
                .map(prefix + "embeddings.word_embeddings.weight", TOKENS)
                .map(prefix + "embeddings.position_embeddings.weight", "body.input.positions.weight")
                .map(prefix + "embeddings.token_type_embeddings.weight", "body.input.segments.weight")
                .module(prefix + "embeddings.LayerNorm", "body.input.norm")
                .ignored(prefix + "embeddings.position_ids");
    }

    /**
     * Names of an output layer that stores its constant twice, as {@code bias} and as {@code decoder.bias}. Where they
     * are not tied, the second is the one that counts.
     */
    static void output(WeightMap.Builder map, CommonConfig common, String stored, String head) {
        if (common.ties(stored + "decoder.bias")) {
            map.map(stored + "bias", head + "bias").tied(stored + "decoder.bias", head + "bias");
        } else {
            map.map(stored + "decoder.bias", head + "bias").map(stored + "bias", head + "spareBias");
        }
        if (common.ties(stored + "decoder.weight")) {
            map.tied(stored + "decoder.weight", TOKENS);
        } else {
            map.map(stored + "decoder.weight", head + "weight");
        }
    }
}
