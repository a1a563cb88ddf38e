package org.jformers.objective;

import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Extent;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * The pixels of hidden patches of an image: the mean squared distance in masked autoencoders (arXiv:2111.06377), the
 * mean absolute one in encoders that see a token in their place (arXiv:2111.09886). Every hidden patch counts the same.
 */
public record HiddenPatches(Model model) implements Objective {
    /** @throws ConfigException if the model hides no patches, or makes no pixels */
    public HiddenPatches {
        Set<String> takes = model.takes();
        if (!takes.contains("noise") && !takes.contains("bool_masked_pos")) {
            throw new ConfigException("hidden patches: got " + model.identity().architecture()
                    + ", allowed models that make pixels of hidden patches");
        }
    }

    @Override
    public Loss loss(Batch batch) {
        return model.loss(BatchTensors.of(batch));
    }

    /** Pixels that a model with a mask token makes of an image of a size. */
    public static Extent reconstructed(Model model, Extent size) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                Tensor pixels = Tensors.ofFloats(
                        new float[3 * size.height() * size.width()], 1, 3, size.height(), size.width());
                Tensor made = model.forward(ModelInputs.of(Map.of("pixel_values", pixels))).get("reconstruction");
                return new Extent((int) made.size(2), (int) made.size(3));
            }
        });
    }
}
