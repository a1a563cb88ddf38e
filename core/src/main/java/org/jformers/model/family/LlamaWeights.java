package org.jformers.model.family;

import java.util.List;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Task;

/** The names in checkpoints that the families of Llama's kind share; for families of one's own too. */
public final class LlamaWeights {
    private LlamaWeights() {}

    /**
     * Names of everything but the norms and the feed-forward part.
     *
     * @param prefix what the names of the body begin with: {@code model.} in nearly all classes
     */
    static WeightMap.Builder common(
            LlamaKind.Config c, Task task, int keyValueHeads, int headDim, boolean tied, String prefix) {
        String attention = prefix + "layers.{}.self_attn.";
        List<String> maps = List.of(attention + "q_proj", attention + "k_proj", attention + "v_proj");
        List<Long> rows = List.of(
                (long) c.numAttentionHeads() * headDim, (long) keyValueHeads * headDim, (long) keyValueHeads * headDim);
        String tokens = "body.input.tokens.weight";
        String qkv = "body.blocks.{}.attention.qkv";
        var map = WeightMap.builder().prefix(prefix).map(prefix + "embed_tokens.weight", tokens);
        if (keyValueHeads == c.numAttentionHeads()) {
            map.stacked(maps, qkv); // thirds, of however many heads pruning leaves
        } else {
            List.of(".weight", ".bias").forEach(kind ->
                    map.concatenated(maps.stream().map(name -> name + kind).toList(), rows, qkv + kind));
        }
        map.module(attention + "o_proj", "body.blocks.{}.attention.out")
                .map(prefix + "layers.{}.input_layernorm.weight", "body.blocks.{}.attentionNorm.weight")
                .map(prefix + "norm.weight", "body.finalNorm.weight")
                .module("score", task == Task.TOKEN_CLASSIFICATION ? "head.tokenClassifier" : "head.classifier")
                .module("qa_outputs", "head.span")
                .ignored(attention + "rotary_emb.inv_freq");
        return tied ? map.tied("lm_head.weight", tokens) : map.map("lm_head.weight", "head.weight");
    }

    /**
     * Names of everything but the feed-forward part, in blocks with a norm before each part.
     *
     * @param keyValueHeads heads of keys and values
     * @param headDim width of a head
     * @param prefix what the names of the body begin with: {@code model.} in nearly all classes
     */
    public static WeightMap.Builder preNorm(
            LlamaKind.Config c, Task task, int keyValueHeads, int headDim, String prefix) {
        return common(c, task, keyValueHeads, headDim, LlamaKind.tied(c), prefix)
                .map(prefix + "layers.{}.post_attention_layernorm.weight", "body.blocks.{}.feedForwardNorm.weight");
    }

    /** Names of a gated feed-forward part: {@code mlp.gate_proj}, {@code up_proj} and {@code down_proj}. */
    public static WeightMap.Builder gated(WeightMap.Builder map, String prefix) {
        String mlp = prefix + "layers.{}.mlp.";
        return map.stacked(List.of(mlp + "gate_proj", mlp + "up_proj"), "body.blocks.{}.feedForward.in")
                .module(mlp + "down_proj", "body.blocks.{}.feedForward.out");
    }

    /** Names of norms before and behind both parts of a block, as Gemma has them. */
    static WeightMap.Builder sandwich(WeightMap.Builder map) {
        String layer = "model.layers.{}.";
        String block = "body.blocks.{}.";
        return map.map(layer + "post_attention_layernorm.weight", block + "attentionOutputNorm.weight")
                .map(layer + "pre_feedforward_layernorm.weight", block + "feedForwardNorm.weight")
                .map(layer + "post_feedforward_layernorm.weight", block + "feedForwardOutputNorm.weight");
    }

    /** The map; the body alone is written without its prefix. */
    public static WeightMap built(WeightMap.Builder map, Task task) {
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }
}
