package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/** Where the answer begins and where it ends. */
public final class QuestionAnsweringHead extends Head {
    private final Linear span;
    private final Dropout dropout;

    /**
     * @param width C
     * @param dropout rate before the scores, in [0, 1)
     */
    public record Spec(int width, double dropout) implements Head.Spec {
        /** Without dropout. */
        public Spec(int width) {
            this(width, 0);
        }

        @Override
        public QuestionAnsweringHead build(Optional<Embedding> tokens) {
            return new QuestionAnsweringHead(this);
        }
    }

    private QuestionAnsweringHead(Spec spec) {
        span = child("span", new Linear.Spec(spec.width(), 2).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public Set<String> takes() {
        return Set.of("start_positions", "end_positions");
    }

    /** To be divided by the number of answers that lie within their rows; the others have no loss. */
    @Override
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        ModelOutput output = new ModelOutput();
        forward(hidden_BTC, inputs, output);
        Tensor answered = inputs.require("start_positions").lt(new Scalar(hidden_BTC.size(1))).sum();
        return Loss.of(output.get("loss").mul(answered), Optional.empty());
    }

    @Override
    public boolean ignoresPadding() {
        return true;
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BT2 = span.forward(dropout.forward(hidden_BTC, training()));
        Tensor start_BT = logits_BT2.select(2, 0);
        Tensor end_BT = logits_BT2.select(2, 1);
        output.put("start_logits", start_BT).put("end_logits", end_BT);
        if (inputs.find("start_positions").isPresent() && inputs.find("end_positions").isPresent()) {
            output.put("loss", Losses.span(
                    start_BT, end_BT, inputs.find("start_positions").get(), inputs.find("end_positions").get()));
        }
    }
}
