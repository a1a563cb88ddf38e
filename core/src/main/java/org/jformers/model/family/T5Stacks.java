package org.jformers.model.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.CommonConfig;
import org.jformers.model.Task;
import org.jformers.model.kind.DecoderStart;
import org.jformers.nn.Embedding;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.RmsNorm;
import org.jformers.nn.position.BucketedBias;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;

/**
 * The encoder and the decoder that T5 and Switch Transformers share; they differ in the feed-forward parts.
 *
 * @param width C
 * @param headDim D
 * @param heads N
 * @param vocabulary V
 * @param buckets of the bias by distance
 * @param greatest distance that the buckets tell apart
 * @param dropout rate of all parts
 * @param epsilon of the norms
 */
record T5Stacks(
        int width,
        int headDim,
        int heads,
        int vocabulary,
        int buckets,
        int greatest,
        double dropout,
        double epsilon) {

    Stack.Spec encoder(List<? extends FeedForward.Spec> feedForwards) {
        return stack(feedForwards, new FullMask(), Optional.empty(), BucketedBias.Direction.BOTH);
    }

    Stack.Spec decoder(List<? extends FeedForward.Spec> feedForwards) {
        var cross = CrossAttention.Spec.of(width, heads, headDim)
                .withBias(AttentionBias.NONE).withWeights(new AttentionWeights(1, dropout));
        return stack(feedForwards, new CausalMask(), Optional.of(cross), BucketedBias.Direction.BEHIND);
    }

    private Stack.Spec stack(
            List<? extends FeedForward.Spec> feedForwards,
            Mask mask,
            Optional<CrossAttention.Spec> cross,
            BucketedBias.Direction direction) {
        var norm = new RmsNorm.Spec(width, epsilon);
        var attention = SelfAttention.Spec.of(width, heads, headDim, mask)
                .withBias(AttentionBias.NONE).withWeights(new AttentionWeights(1, dropout));
        List<Block.Spec> blocks = feedForwards.stream()
                .map(feedForward -> Block.Spec.of(norm, Block.NormOrder.PRE, attention, feedForward)
                        .withCrossAttention(cross).withDropout(dropout))
                .toList();
        var input = InputEmbedding.Spec.of(new Embedding.Spec(vocabulary, width, -1)).withDropout(dropout);
        return new Stack.Spec(
                input, Stack.Layers.of(blocks),
                Optional.of(new BucketedBias.Spec(heads, buckets, greatest, direction)),
                new Stack.Final(Optional.of(norm), Optional.empty(), dropout, Stack.LastState.NORMED));
    }

    /**
     * The token table and who reads it.
     *
     * @param prefix what names begin with inside a model with a head
     * @param whole whether there is a decoder
     */
    static SharedTable table(CommonConfig common, boolean tied, String prefix, boolean whole) {
        Map<SharedTable.Reader, String> names = new LinkedHashMap<>();
        names.put(SharedTable.Reader.ENCODER, prefix + "encoder.embed_tokens.weight");
        if (whole) {
            names.put(SharedTable.Reader.DECODER, prefix + "decoder.embed_tokens.weight");
        }
        names.put(SharedTable.Reader.OUTPUT, "lm_head.weight");
        return new SharedTable(common, tied, prefix + "shared.weight", names);
    }

    /** Labels lead to the decoder's input where they are text, the source where a head sums it up. */
    static DecoderStart start(Task task, Optional<Integer> start, Optional<Integer> padding) {
        if (task == Task.BASE || start.isEmpty()) {
            return new DecoderStart.Given();
        }
        List<String> sources = List.of(task == Task.SEQ2SEQ_LM ? "labels" : "input_ids");
        return new DecoderStart.Shifted(sources, start.get(), padding.orElse(0));
    }

    /**
     * Names of the parts in checkpoints.
     *
     * @param prefix what they begin with inside a model with a head
     * @param whole whether there is a decoder
     */
    record Names(String prefix, boolean whole) {
        private String parameters(String side) {
            return whole ? "body." + side + "." : "body.";
        }

        private List<String> sides() {
            return whole ? List.of("encoder", "decoder") : List.of("encoder");
        }

        /** A map of everything but the feed-forward parts and heads other than the output layer. */
        WeightMap.Builder attention(SharedTable table) {
            var map = WeightMap.builder().prefix(prefix);
            table.addTo(map);
            for (String side : sides()) {
                String layer = prefix + side + ".block.{}.layer.";
                String self = layer + "0.SelfAttention.";
                String block = parameters(side) + "blocks.{}.";
                map.concatenated(
                                List.of(self + "q.weight", self + "k.weight", self + "v.weight"),
                                block + "attention.qkv.weight")
                        .map(self + "o.weight", block + "attention.out.weight")
                        .map(layer + "0.layer_norm.weight", block + "attentionNorm.weight")
                        .map(feedForwardLayer(side) + "layer_norm.weight", block + "feedForwardNorm.weight")
                        .map(prefix + side + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                                parameters(side) + "positionBias.weight")
                        .map(prefix + side + ".final_layer_norm.weight", parameters(side) + "finalNorm.weight");
            }
            String cross = prefix + "decoder.block.{}.layer.1.";
            String crossBlock = "body.decoder.blocks.{}.crossAttention";
            return map.map(cross + "EncDecAttention.q.weight", crossBlock + ".q.weight")
                    .concatenated(
                            List.of(cross + "EncDecAttention.k.weight", cross + "EncDecAttention.v.weight"),
                            crossBlock + ".kv.weight")
                    .map(cross + "EncDecAttention.o.weight", crossBlock + ".out.weight")
                    .map(cross + "layer_norm.weight", crossBlock + "Norm.weight")
                    .ignored(prefix + "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight");
        }

        /** Calls with the stored and our beginning of the names of each stack's feed-forward parts. */
        void eachFeedForward(BiConsumer<String, String> lines) {
            sides().forEach(side ->
                    lines.accept(feedForwardLayer(side), parameters(side) + "blocks.{}.feedForward."));
        }

        private String feedForwardLayer(String side) {
            return prefix + side + ".block.{}.layer." + (side.equals("encoder") ? "1." : "2.");
        }
    }
}
