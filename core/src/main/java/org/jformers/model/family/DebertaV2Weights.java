package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import java.util.List;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.CommonConfig;
import org.jformers.model.Task;

/** The names in checkpoints of {@link DebertaV2}. */
final class DebertaV2Weights {
    private DebertaV2Weights() {}

    static WeightMap map(DebertaV2.Config c, Task task) {
        boolean legacy = or(c.legacy(), true);
        String tokens = "body.input.inner.tokens.weight";
        String layer = "deberta.encoder.layer.{}.";
        String self = layer + "attention.self.";
        String block = "body.blocks.{}.";
        String transform = legacy ? "cls.predictions.transform." : "lm_predictions.lm_head.";
        boolean soft = task == Task.SEQUENCE_CLASSIFICATION && c.common().problemType().isEmpty();
        String head = soft ? "head.scores." : "head.";
        var map = WeightMap.builder()
                .prefix("deberta.")
                .map("deberta.embeddings.word_embeddings.weight", tokens)
                .map("deberta.embeddings.position_embeddings.weight", "body.input.inner.positions.weight")
                .map("deberta.embeddings.token_type_embeddings.weight", "body.input.inner.segments.weight")
                .map("deberta.embeddings.embed_proj.weight", "body.input.projection.weight")
                .module("deberta.embeddings.LayerNorm", "body.input.norm")
                .map("deberta.encoder.rel_embeddings.weight", "body.relative.0.weight")
                .module("deberta.encoder.LayerNorm", "body.relative.0.norm")
                .module("deberta.encoder.conv.conv", "body.blocks.0.convolution")
                .module("deberta.encoder.conv.LayerNorm", "body.blocks.0.convolution.norm")
                .stacked(List.of(self + "query_proj", self + "key_proj", self + "value_proj"), block + "attention.qkv")
                .module(self + "pos_key_proj", block + "attention.distanceKey")
                .module(self + "pos_query_proj", block + "attention.distanceQuery")
                .module(layer + "attention.output.dense", block + "attention.out")
                .module(layer + "attention.output.LayerNorm", block + "attentionNorm")
                .module(layer + "intermediate.dense", block + "feedForward.in")
                .module(layer + "output.dense", block + "feedForward.out")
                .module(layer + "output.LayerNorm", block + "feedForwardNorm")
                .module(transform + "dense", "head.dense")
                .module(transform + "LayerNorm", "head.norm")
                .module("pooler.dense", head + "summary.dense")
                .module("classifier", head + (task == Task.TOKEN_CLASSIFICATION ? "tokenClassifier" : "classifier"))
                .module("qa_outputs", "head.span")
                .ignored("deberta.embeddings.position_ids");
        if (!or(c.relativeAttention(), false)) { // the norm of a table that is not there
            map.ignored("deberta.encoder.LayerNorm.weight").ignored("deberta.encoder.LayerNorm.bias");
        }
        if (legacy) {
            output(map, c.common(), tokens);
        } else {
            map.map("lm_predictions.lm_head.bias", "head.bias");
        }
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }

    private static void output(WeightMap.Builder map, CommonConfig common, String tokens) {
        String stored = "cls.predictions.";
        if (common.ties(stored + "decoder.bias")) {
            map.map(stored + "bias", "head.bias").tied(stored + "decoder.bias", "head.bias");
        } else {
            map.map(stored + "decoder.bias", "head.bias").ignored(stored + "bias");
        }
        if (common.ties(stored + "decoder.weight")) {
            map.tied(stored + "decoder.weight", tokens);
        } else {
            map.map(stored + "decoder.weight", "head.weight");
        }
    }
}
