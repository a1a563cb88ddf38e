package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/**
 * BERT's and ALBERT's two objectives together: hidden tokens, and how two sentences are related. Source:
 * arXiv:1810.04805, 3.1; arXiv:1909.11942, 3.1.
 */
public final class PretrainingHead extends Head {
    /** The name of the term of the pairs in the loss. */
    public static final String SENTENCES = "sentences";

    private final Spec spec;
    private final LanguageModelHead languageModel;
    private final SequenceSummary pooler;
    private final Linear relation;

    /** What is asked about the two sentences. */
    public enum Relation {
        /** Whether the second follows the first (0) or not (1). */
        NEXT_SENTENCE("seq_relationship_logits", "next_sentence_label"),
        /** Whether they stand in their order (0) or are swapped (1). */
        SENTENCE_ORDER("sop_logits", "sentence_order_label");

        private final String logits;
        private final String label;

        Relation(String logits, String label) {
            this.logits = logits;
            this.label = label;
        }
    }

    /**
     * @param languageModel the head for hidden tokens
     * @param relation what is asked about the sentences
     * @param classes number of answers to that, 2 where it is trained
     * @param dropout rate before the answer, in [0, 1)
     */
    public record Spec(LanguageModelHead.Spec languageModel, Relation relation, int classes, double dropout)
            implements Head.Spec {
        @Override
        public PretrainingHead build(Optional<Embedding> tokens) {
            return new PretrainingHead(this, tokens);
        }
    }

    private PretrainingHead(Spec spec, Optional<Embedding> tokens) {
        this.spec = spec;
        int width = spec.languageModel().width();
        languageModel = child("languageModel", spec.languageModel().build(tokens));
        pooler = child("summary", SequenceSummary.Spec.pooler(width).withDropout(0, spec.dropout()).build());
        relation = child("relation", new Linear.Spec(width, spec.classes()).build());
    }

    @Override
    public Set<String> takes() {
        return Set.of("labels", spec.relation().label);
    }

    @Override
    public boolean readsPadding(ModelInputs inputs) {
        return labelsPadding(inputs);
    }

    private Tensor relation(Tensor hidden_BTC, ModelInputs inputs) {
        return relation.forward(pooler.forward(hidden_BTC, inputs, Optional.empty()));
    }

    /** That of the hidden tokens, and beside it that of the pairs, {@link #SENTENCES}, which is a sum over them. */
    @Override
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        Tensor label_B = inputs.require(spec.relation().label).flatten();
        Loss pairs = Losses.ofTokens(relation(hidden_BTC, inputs), label_B, 0);
        return languageModel.loss(hidden_BTC, inputs)
                .plus(new Loss.Term(SENTENCES, pairs.main(), 1, pairs.right()));
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor prediction_BTV = languageModel.logits(hidden_BTC);
        Tensor relation_BL = relation(hidden_BTC, inputs);
        output.put("prediction_logits", prediction_BTV).put(spec.relation().logits, relation_BL);
        Optional<Tensor> labels = inputs.find("labels");
        Optional<Tensor> label = inputs.find(spec.relation().label);
        if (labels.isPresent() && label.isPresent()) {
            Tensor hidden = languageModel.meanLoss(prediction_BTV, labels.get());
            output.put("loss", hidden.add(Losses.crossEntropy(relation_BL, label.get().flatten())));
        }
    }
}
