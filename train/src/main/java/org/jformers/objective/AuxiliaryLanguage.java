package org.jformers.objective;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.tensor.Tensors;

/**
 * Classes of texts, and beside them the next token of the same texts, so that a decoder does not forget what it learned
 * before: Radford et al., Improving Language Understanding by Generative Pre-Training, 3.2, equation 5. Terms:
 *
 * <ul>
 *   <li>{@code loss}: what the model's own head makes of the labels, a mean over the texts;
 *   <li>{@code language}: the cross-entropy of the next tokens, a mean over the tokens, times the weight.
 * </ul>
 *
 * <p>The output layer of the second is the token table, which a classifier has, too.
 */
public final class AuxiliaryLanguage implements Objective {
    /** The name of the second term. */
    public static final String LANGUAGE = "language";

    private final SingleStackModel model;
    private final LanguageModelHead head;
    private final double weight;

    /**
     * @param model a decoder that classifies texts; the caller's
     * @param language what the same configuration is as a decoder that writes, {@link Task#CAUSAL_LM}
     * @param weight of the second term, > 0; 0.5 in the paper
     * @throws ConfigException if the model is another one, or its language model has an output layer of its own
     */
    public AuxiliaryLanguage(Model model, ModelSpec language, double weight) {
        if (!(weight > 0)) {
            throw new ConfigException("auxiliary language model: got a weight of " + weight + ", allowed > 0");
        }
        if (!(model instanceof SingleStackModel stack) || model.identity().task() != Task.SEQUENCE_CLASSIFICATION) {
            throw new ConfigException("auxiliary language model: got " + model.identity().architecture()
                    + ", allowed decoders that classify texts");
        }
        this.model = stack;
        this.weight = weight;
        head = output(language).build(stack.body().input().tokens());
    }

    private LanguageModelHead.Spec output(ModelSpec languageModel) {
        if (languageModel instanceof SingleStackModel.Spec stack && stack.head() instanceof LanguageModelHead.Spec said
                && said.tied() && said.transform().isEmpty() && said.bias() == LanguageModelHead.Bias.NONE) {
            return said;
        }
        throw new ConfigException("auxiliary language model: got " + model.identity().architecture()
                + ", whose language model has an output layer of its own, allowed decoders whose token table is that"
                + " layer (tie_word_embeddings)");
    }

    @Override
    public Loss loss(Batch batch) {
        SingleStackModel.Told told = model.told(BatchTensors.of(batch));
        Loss language = head.loss(told.states(), following(batch));
        return told.loss().plus(new Loss.Term(LANGUAGE, language.main(), weight, language.right()));
    }

    /** int64 [B, T], for each token of a text the one behind it; -100 for the last one and for padding. */
    private static Tensor following(Batch batch) {
        Batch.Longs ids = batch.longs("input_ids");
        long[] real = batch.longs("attention_mask").values();
        int length = (int) ids.shape()[1];
        long[] labels = new long[real.length];
        Arrays.fill(labels, Batch.IGNORED_LABEL);
        for (int place = 0; place + 1 < real.length; place++) {
            if (follows(real, place, length)) {
                labels[place] = ids.values()[place + 1];
            }
        }
        return Tensors.ofLongs(labels, ids.shape());
    }

    private static boolean follows(long[] real, int place, int length) {
        return (place + 1) % length != 0 && real[place] == 1 && real[place + 1] == 1;
    }

    @Override
    public double count(Batch batch, String term) {
        if (!term.equals(LANGUAGE)) {
            return Objective.super.count(batch, term);
        }
        long[] real = batch.longs("attention_mask").values();
        int length = (int) batch.longs("attention_mask").shape()[1];
        int tokens = 0;
        for (int place = 0; place + 1 < real.length; place++) {
            tokens += follows(real, place, length) ? 1 : 0;
        }
        return Math.max(1, tokens); // rows of single tokens have none, and no loss
    }
}
