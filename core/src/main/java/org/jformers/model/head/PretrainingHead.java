package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/** BERT's two objectives together: hidden tokens, and whether the second sentence follows. Source: arXiv:1810.04805, 3.1. */
public final class PretrainingHead extends Head {
    private final LanguageModelHead languageModel;
    private final Pooler pooler;
    private final Linear nextSentence;

    /** @param languageModel the head for hidden tokens */
    public record Spec(LanguageModelHead.Spec languageModel) implements Head.Spec {
        @Override
        public PretrainingHead build(Optional<Embedding> tokens) {
            return new PretrainingHead(this, tokens);
        }
    }

    private PretrainingHead(Spec spec, Optional<Embedding> tokens) {
        languageModel = child("languageModel", spec.languageModel().build(tokens));
        pooler = child("pooler", new Pooler(spec.languageModel().width()));
        nextSentence = child("nextSentence", new Linear.Spec(spec.languageModel().width(), 2).build());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor prediction_BTV = languageModel.logits(hidden_BTC);
        Tensor relation_B2 = nextSentence.forward(pooler.forward(hidden_BTC));
        output.put("prediction_logits", prediction_BTV).put("seq_relationship_logits", relation_B2);
        if (inputs.find("labels").isPresent() && inputs.find("next_sentence_label").isPresent()) {
            Tensor hidden = languageModel.loss(prediction_BTV, inputs.find("labels").get());
            Tensor next = Losses.crossEntropy(relation_B2, inputs.find("next_sentence_label").get());
            output.put("loss", hidden.add(next));
        }
    }
}
