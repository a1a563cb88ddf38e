package org.jformers.model.kind;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.Documents;

/** The masks that a batch brings, by the names of inputs. */
final class InputMasks {
    private InputMasks() {}

    /** Those of the only text, or of the source. */
    static BatchMasks of(ModelInputs inputs) {
        return of(inputs, inputs.mask("attention_mask"), UnaryOperator.identity());
    }

    /** The same of inputs [B, choices, T], which are read as B * choices rows. */
    static BatchMasks of(ModelInputs inputs, Optional<Tensor> real, UnaryOperator<Tensor> flat) {
        return new BatchMasks(
                real.map(flat),
                inputs.find("document_ids").map(flat).map(Documents::of),
                inputs.find("prefix_lengths").map(flat),
                inputs.find("perm_mask").map(hidden -> hidden.gt(new Scalar(0.0))).map(flat));
    }

    /** Those of the target. */
    static BatchMasks ofTarget(ModelInputs inputs) {
        return new BatchMasks(
                inputs.mask("decoder_attention_mask"), inputs.find("decoder_document_ids").map(Documents::of),
                Optional.empty(), Optional.empty());
    }
}
