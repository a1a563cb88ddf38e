package org.jformers.model.head;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;

/**
 * GPT's two heads together: the next token, and which of several continuations fits. The inputs are [B, choices, T];
 * {@code mc_token_ids} [B, choices] says which token sums a continuation up.
 */
public final class DoubleHead extends Head {
    private final LanguageModelHead languageModel;
    private final SequenceSummary summary;

    /**
     * @param languageModel the head for the next token
     * @param summary the score of a continuation, read at one of its tokens; the reference has no other sum of each
     */
    public record Spec(LanguageModelHead.Spec languageModel, SequenceSummary.Spec summary) implements Head.Spec {
        public Spec {
            if (summary.pick() != SequenceSummary.Pick.CLS_INDEX) {
                throw new ConfigException("double heads: got summary_type "
                        + summary.pick().name().toLowerCase(Locale.ROOT) + ", allowed cls_index");
            }
        }

        @Override
        public DoubleHead build(Optional<Embedding> tokens) {
            return new DoubleHead(this, tokens);
        }
    }

    private DoubleHead(Spec spec, Optional<Embedding> tokens) {
        languageModel = child("languageModel", spec.languageModel().build(tokens));
        summary = child("summary", spec.summary().build());
    }

    @Override
    public Set<String> takes() {
        return Set.of("labels", "mc_labels", "mc_token_ids");
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BTV = languageModel.logits(hidden_BTC);
        Tensor choice =
                summary.forward(hidden_BTC, inputs, inputs.find("mc_token_ids")).view(-1, inputs.choices());
        long length = hidden_BTC.size(1);
        output.put("logits", logits_BTV.view(-1, inputs.choices(), length, logits_BTV.size(2)));
        output.put("mc_logits", choice);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.nextToken(logits_BTV, labels.view(-1, length))));
        inputs.find("mc_labels").ifPresent(labels -> output.put("mc_loss", Losses.crossEntropy(choice, labels)));
    }
}
