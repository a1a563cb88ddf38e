package org.jformers.model.convert;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Model;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/**
 * Makes model folders whose weights are the mean of those of several folders of one model, such as the last checkpoints
 * of a run (arXiv:1706.03762, 6.1).
 */
public final class WeightAveraging {
    private WeightAveraging() {}

    /**
     * Writes the mean.
     *
     * @param checkpoints folders with weights of one model, one or more
     * @param model a folder of the same model, whose configuration, tokenizer and other files come along
     * @param folder the model folder to make; it must be empty or not there yet
     * @throws org.jformers.JformersException if weights do not fit the model, or the folder cannot be written
     */
    public static void average(List<Path> checkpoints, Path model, Path folder) {
        if (checkpoints.isEmpty()) {
            throw new CheckpointException("convert: got no checkpoints to average, allowed one or more");
        }
        FolderRewriting.write(model, LoadRequest.DECLARED, mean -> average(checkpoints, mean), folder);
    }

    private static void average(List<Path> checkpoints, Model mean) {
        Map<String, Tensor> sums = new LinkedHashMap<>();
        try (NoGrad noGrad = new NoGrad()) {
            for (Path checkpoint : checkpoints) {
                try (Checkpoint weights = Checkpoint.open(checkpoint)) {
                    mean.identity().weights().load(weights, mean.weights(), LoadMode.STRICT);
                }
                Scopes.run(() -> mean.weights().forEach((name, weight) -> {
                    if (sums.containsKey(name)) {
                        Objects.requireNonNull(sums.get(name)).add_(weight.detach());
                    } else if (weight.is_floating_point()) {
                        sums.put(name, Scopes.keep(weight.detach().clone()));
                    }
                }));
            }
            Scopes.run(() -> sums.forEach((name, sum) -> Objects.requireNonNull(mean.weights().get(name)).detach()
                    .copy_(sum.div_(new Scalar(checkpoints.size())))));
        } finally {
            sums.values().forEach(Tensor::close);
        }
    }
}
