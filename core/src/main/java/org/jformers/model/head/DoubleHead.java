package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;

/**
 * GPT's two heads together: the next token, and which of several continuations fits. The inputs are [B, choices, T];
 * {@code mc_token_ids} [B, choices] says which token sums a continuation up, the last one if it is not given.
 *
 * <p>A summary of another kind than {@code cls_index} takes the first of what stands behind the batch, the last, or the
 * mean, as the reference does: with choices, these are the choices themselves, and there is a score for each token;
 * without, the tokens.
 */
public final class DoubleHead extends Head {
    private final Spec spec;
    private final LanguageModelHead languageModel;
    private final SequenceSummary summary;

    /**
     * @param languageModel the head for the next token
     * @param summary the score of a continuation
     */
    public record Spec(LanguageModelHead.Spec languageModel, SequenceSummary.Spec summary) implements Head.Spec {
        @Override
        public DoubleHead build(Optional<Embedding> tokens) {
            return new DoubleHead(this, tokens);
        }
    }

    private DoubleHead(Spec spec, Optional<Embedding> tokens) {
        this.spec = spec;
        languageModel = child("languageModel", spec.languageModel().build(tokens));
        summary = child("summary", spec.summary().build());
    }

    LanguageModelHead languageModel() {
        return languageModel;
    }

    @Override
    public Set<String> takes() {
        return Set.of("labels", "mc_labels", "mc_token_ids");
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BTV = languageModel.logits(hidden_BTC);
        Tensor score = spec.summary().pick() == SequenceSummary.Pick.CLS_INDEX
                ? byChoice(summary.forward(hidden_BTC, inputs, inputs.find("mc_token_ids")), inputs)
                : summary.forward(byChoice(hidden_BTC, inputs), inputs, Optional.empty());
        Tensor choice = score.squeeze(-1);
        output.put("logits", byChoice(logits_BTV, inputs));
        output.put("mc_logits", choice);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.nextToken(logits_BTV, labels.view(-1, hidden_BTC.size(1)))));
        inputs.find("mc_labels").ifPresent(labels -> output.put(
                "mc_loss", Losses.crossEntropy(choice.view(-1, choice.size(-1)), labels.flatten())));
    }

    /** [B * choices, ...] to [B, choices, ...], if there are choices. */
    private static Tensor byChoice(Tensor rows, ModelInputs inputs) {
        return inputs.hasChoices() ? rows.unflatten(0, -1, inputs.choices()) : rows;
    }
}
