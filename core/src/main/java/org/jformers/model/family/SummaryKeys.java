package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import java.util.Optional;
import org.jformers.model.head.SequenceSummary;
import org.jformers.nn.Activation;

/**
 * The keys of {@code config.json} that say how a sequence is summed up, in those families that let the config say it.
 */
interface SummaryKeys {
    String summaryType();

    Boolean summaryUseProj();

    String summaryActivation();

    Boolean summaryProjToLabels();

    Double summaryFirstDropout();

    Double summaryLastDropout();

    /**
     * The summary.
     *
     * @param width of the hidden states
     * @param scores how many scores it gives, where it gives scores
     * @param pick which vector stands for the sequence where the config does not say it
     */
    default SequenceSummary.Spec summary(int width, int scores, String pick) {
        int out = or(summaryProjToLabels(), true) ? scores : width;
        var dense = or(summaryUseProj(), true)
                ? Optional.of(new SequenceSummary.Dense(out, true))
                : Optional.<SequenceSummary.Dense>empty();
        return SequenceSummary.Spec.of(width, SequenceSummary.Pick.named(or(summaryType(), pick)))
                .withDense(dense, Activation.named(or(summaryActivation(), "linear")))
                .withDropout(or(summaryFirstDropout(), 0.1), or(summaryLastDropout(), 0.0));
    }
}
