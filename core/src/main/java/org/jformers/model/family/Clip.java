package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.ImageClassificationHead;
import org.jformers.model.head.PooledHead;
import org.jformers.model.head.Pooling;
import org.jformers.model.kind.ContrastiveModel;
import org.jformers.model.kind.TowerModel;
import org.jspecify.annotations.Nullable;

/**
 * CLIP: a text half and an image half whose vectors meet in one space; or the image half and a classifier.
 *
 * <p>Reference: arXiv:2103.00020; transformers 5.18 {@code models/clip}.
 */
public final class Clip implements ModelFamily<Clip.Config> {

    /**
     * The keys of {@code config.json} that change the computation. Old files say a half a second time, under a name
     * that ends in {@code _dict}, and that counts.
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            ClipText.@Nullable Config textConfig,
            ClipVision.@Nullable Config visionConfig,
            ClipText.@Nullable Config textConfigDict,
            ClipVision.@Nullable Config visionConfigDict,
            @Nullable Integer projectionDim,
            @Nullable Double logitScaleInitValue,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        private ClipText.Config text() {
            return or(textConfigDict, or(textConfig, ClipText.Config.defaults()));
        }

        private ClipVision.Config vision() {
            return or(visionConfigDict, or(visionConfig, ClipVision.Config.defaults()));
        }
    }

    @Override
    public String modelType() {
        return "clip";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("CLIPModel", Task.CONTRASTIVE, "CLIPForImageClassification", Task.IMAGE_CLASSIFICATION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        if (task == Task.IMAGE_CLASSIFICATION) {
            return ClipVision.tower(c.vision(), ImageClassificationHead.Spec.of(
                            ClipVision.width(c.vision()), new Pooling.Mean(1), c.common().labels().size(),
                            c.common().problemType())
                    .withUnusedNorm(ClipVision.norm(c.vision())));
        }
        int shared = or(c.projectionDim(), 512);
        TowerModel.Spec text = ClipText.tower(c.text(), PooledHead.Spec.of(ClipText.pooling(c.text()))
                .withProjection(new PooledHead.Projection("pooler_output", ClipText.width(c.text()), shared)));
        var image = PooledHead.Spec.of(new Pooling.FirstNorm(ClipVision.norm(c.vision())))
                .withProjection(new PooledHead.Projection("pooler_output", ClipVision.width(c.vision()), shared));
        return new ContrastiveModel.Spec(text, ClipVision.tower(c.vision(), image),
                or(c.logitScaleInitValue(), 2.6592), text.initialization());
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        if (task == Task.IMAGE_CLASSIFICATION) {
            return ClipVision.names(WeightMap.builder(), "", "head.unusedNorm")
                    .module("classifier", "head.classifier")
                    .build();
        }
        WeightMap.Builder map = WeightMap.builder()
                .map("logit_scale", "logitScale")
                .map("text_projection.weight", "text.head.projection.weight")
                .map("visual_projection.weight", "image.head.projection.weight");
        ClipText.names(map, "text.");
        return ClipVision.names(map, "image.", "image.head.pooling.norm").build();
    }
}
