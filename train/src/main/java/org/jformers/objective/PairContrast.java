package org.jformers.objective;

import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.Task;

/**
 * Each text finds its image among those of its batch, and each image its text: the cross-entropy of both, of cosines
 * times a factor that is learned too (arXiv:2103.00020, 2.3). The mean over the rows of a batch; each row counts the
 * same, whichever batch it is in.
 */
public record PairContrast(Model model) implements Objective {
    /** @throws ConfigException if the model does not compare images with texts */
    public PairContrast {
        if (model.identity().task() != Task.CONTRASTIVE) {
            throw new ConfigException("image-text contrast: got " + model.identity().architecture()
                    + ", allowed models of texts and images");
        }
    }

    @Override
    public Loss loss(Batch batch) {
        return model.loss(BatchTensors.of(batch));
    }
}
