package org.jformers.objective;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelOutput;

/**
 * The next token of the right continuation, and which continuation is the right one: two losses, added with weights.
 * Source: TransferTransfo (Wolf et al., arXiv:1901.08149).
 *
 * @param language weight of the first, a mean over tokens
 * @param choice weight of the second, a mean over examples
 */
public record DoubleHeads(Model model, double language, double choice) implements Objective {
    /** The second term, as logs call it. */
    public static final String CHOICE = "choice_loss";

    @Override
    public Loss loss(Batch batch) {
        ModelOutput output = model.forward(BatchTensors.of(batch));
        Tensor sum = output.get("loss").mul(new Scalar((double) batch.labels()));
        return new Loss(List.of(
                new Loss.Term(Loss.MAIN, sum, language, Optional.empty()),
                new Loss.Term(CHOICE, output.get("mc_loss"), choice, Optional.empty())));
    }
}
