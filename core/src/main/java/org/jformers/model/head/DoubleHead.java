package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.tensor.Tensors;

/**
 * GPT's two heads together: the next token, and which of several continuations fits. The inputs are [B, choices, T];
 * {@code mc_token_ids} [B, choices] says which token sums a continuation up.
 */
public final class DoubleHead extends Head {
    private final Spec spec;
    private final LanguageModelHead languageModel;
    private final Optional<Linear> summary;
    private final Dropout firstDropout;
    private final Dropout lastDropout;

    /** Which vector sums a continuation up, under the names that configs use. */
    public enum SummaryType {
        LAST,
        FIRST,
        MEAN,
        CLS_INDEX
    }

    /**
     * @param languageModel the head for the next token
     * @param type which vector sums a continuation up
     * @param projection width of the linear map behind it; empty for none
     * @param activation behind that map
     * @param firstDropout rate before the map, in [0, 1)
     * @param lastDropout rate behind it, in [0, 1)
     */
    public record Spec(
            LanguageModelHead.Spec languageModel,
            SummaryType type,
            Optional<Integer> projection,
            Activation activation,
            double firstDropout,
            double lastDropout)
            implements Head.Spec {
        @Override
        public DoubleHead build(Optional<Embedding> tokens) {
            return new DoubleHead(this, tokens);
        }
    }

    private DoubleHead(Spec spec, Optional<Embedding> tokens) {
        this.spec = spec;
        languageModel = child("languageModel", spec.languageModel().build(tokens));
        summary = spec.projection()
                .map(out -> child("summary", new Linear.Spec(spec.languageModel().width(), out).build()));
        firstDropout = new Dropout(spec.firstDropout());
        lastDropout = new Dropout(spec.lastDropout());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BTV = languageModel.logits(hidden_BTC);
        Tensor x = firstDropout.forward(summed(hidden_BTC, inputs), training());
        if (summary.isPresent()) {
            x = summary.get().forward(x);
        }
        Tensor choice = lastDropout.forward(spec.activation().apply(x), training()).view(-1, inputs.choices());
        long length = hidden_BTC.size(1);
        output.put("logits", logits_BTV.view(-1, inputs.choices(), length, logits_BTV.size(2)));
        output.put("mc_logits", choice);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.nextToken(logits_BTV, labels.view(-1, length))));
        inputs.find("mc_labels").ifPresent(labels -> output.put("mc_loss", Losses.crossEntropy(choice, labels)));
    }

    private Tensor summed(Tensor hidden_BTC, ModelInputs inputs) {
        long last = hidden_BTC.size(1) - 1;
        return switch (spec.type()) {
            case FIRST -> hidden_BTC.select(1, 0);
            case LAST -> hidden_BTC.select(1, last);
            case MEAN -> hidden_BTC.mean(1);
            case CLS_INDEX -> Rows.at(hidden_BTC, inputs.find("mc_token_ids").map(Tensor::flatten).orElseGet(() -> {
                long[] ends = new long[(int) hidden_BTC.size(0)];
                java.util.Arrays.fill(ends, last);
                return Tensors.ofLongs(ends, ends.length);
            }));
        };
    }
}
