package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/** Where the answer begins and where it ends. */
public final class QuestionAnsweringHead extends Head {
    private final Linear span;

    /** @param width C */
    public record Spec(int width) implements Head.Spec {
        @Override
        public QuestionAnsweringHead build(Optional<Embedding> tokens) {
            return new QuestionAnsweringHead(this);
        }
    }

    private QuestionAnsweringHead(Spec spec) {
        span = child("span", new Linear.Spec(spec.width(), 2).build());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BT2 = span.forward(hidden_BTC);
        Tensor start_BT = logits_BT2.select(2, 0);
        Tensor end_BT = logits_BT2.select(2, 1);
        output.put("start_logits", start_BT).put("end_logits", end_BT);
        if (inputs.find("start_positions").isPresent() && inputs.find("end_positions").isPresent()) {
            output.put("loss", Losses.span(
                    start_BT, end_BT, inputs.find("start_positions").get(), inputs.find("end_positions").get()));
        }
    }
}
