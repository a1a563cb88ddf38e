package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ProblemType;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/** One label, several labels or one number for a sequence. */
public final class SequenceClassificationHead extends Head {
    private final Spec spec;
    private final Optional<SequenceSummary> summary;
    private final Optional<Linear> classifier;
    private final Dropout dropout;

    /** Which vector stands for the sequence. */
    public sealed interface Summary {
        /** A token or the mean of all, mapped; the classifier is as wide as the map's result. */
        record Mapped(SequenceSummary.Spec map) implements Summary {}

        /** The same without a classifier: the map gives the scores (XLM). */
        record MappedToScores(SequenceSummary.Spec map) implements Summary {}

        /**
         * The last token that is not padding, as decoders do it.
         *
         * @param padTokenId the padding token; without it the last position counts and a batch must have one row
         */
        record LastToken(Optional<Integer> padTokenId) implements Summary {}
    }

    /**
     * @param width C
     * @param classes number of labels; 1 means a number
     * @param summary which vector stands for the sequence
     * @param bias whether the classifier adds a constant
     * @param dropout rate before the classifier, in [0, 1)
     * @param problemType what the labels mean; follows from the labels if empty
     */
    public record Spec(
            int width, int classes, Summary summary, boolean bias, double dropout, Optional<ProblemType> problemType)
            implements Head.Spec {
        @Override
        public SequenceClassificationHead build(Optional<Embedding> tokens) {
            return new SequenceClassificationHead(this);
        }
    }

    private SequenceClassificationHead(Spec spec) {
        this.spec = spec;
        Optional<SequenceSummary.Spec> map = map(spec.summary());
        summary = map.map(kind -> child("summary", kind.build()));
        int width = map.map(SequenceSummary.Spec::out).orElse(spec.width());
        classifier = spec.summary() instanceof Summary.MappedToScores
                ? Optional.empty()
                : Optional.of(
                        child("classifier", new Linear.Spec(width, spec.classes(), spec.bias(), Role.WEIGHT).build()));
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public boolean readsPadding(ModelInputs inputs) {
        if (summary.isPresent()) {
            return summary.get().readsPadding();
        }
        Tensor real_BT = inputs.require("attention_mask").to(ScalarType.Bool);
        return Scopes.get(() -> {
            Tensor last_B1 = lastToken((Summary.LastToken) spec.summary(), real_BT.shape(), inputs).unsqueeze(1);
            return !real_BT.gather(1, last_B1).all().item_bool();
        });
    }

    @Override
    public boolean ignoresPadding() {
        return summary.isPresent() && !summary.get().readsPadding();
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor summary_BC = summary.isPresent()
                ? summary.get().forward(hidden_BTC, inputs, Optional.empty())
                : Rows.at(hidden_BTC, lastToken((Summary.LastToken) spec.summary(), hidden_BTC.shape(), inputs));
        Tensor x_BC = dropout.forward(summary_BC, training());
        Tensor logits_BL = classifier.isPresent() ? classifier.get().forward(x_BC) : x_BC;
        output.put("logits", logits_BL);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.sequence(logits_BL, labels, spec.problemType(), spec.classes())));
    }

    private static Optional<SequenceSummary.Spec> map(Summary summary) {
        if (summary instanceof Summary.Mapped mapped) {
            return Optional.of(mapped.map());
        }
        return summary instanceof Summary.MappedToScores mapped ? Optional.of(mapped.map()) : Optional.empty();
    }

    /** Where it is in each of the rows of that shape. */
    private static Tensor lastToken(Summary.LastToken summary, long[] shape, ModelInputs inputs) {
        long batch = shape[0];
        long length = shape[1];
        if (summary.padTokenId().isEmpty() && batch > 1) {
            throw new ShapeException("sequence classification: got " + batch
                    + " rows without a pad_token_id in the config, allowed 1 row");
        }
        Optional<Tensor> ids_BT = inputs.find("input_ids");
        Tensor position_T = ids_BT.isPresent()
                ? Tensors.range(0, length, ids_BT.get())
                : Tensors.range(0, length);
        Tensor position_BT = position_T.unsqueeze(0).expand(batch, length);
        if (summary.padTokenId().isPresent() && ids_BT.isPresent()) {
            Tensor real_BT = ids_BT.get().ne(new Scalar((long) summary.padTokenId().get()));
            position_BT = position_BT.mul(real_BT.to(ScalarType.Long));
        }
        return position_BT.amax(new long[] {1}, false);
    }
}
