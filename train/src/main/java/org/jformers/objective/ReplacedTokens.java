package org.jformers.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.head.Losses;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * A generator fills in hidden tokens, and a discriminator finds those of them that are not the original ones: arXiv
 * 2003.10555, 2. What the generator happens to get right counts as original. Terms:
 *
 * <ul>
 *   <li>{@code loss}: the cross-entropy of the generator, a mean over the hidden tokens;
 *   <li>{@code replaced}: the binary cross-entropy of the discriminator, a mean over all tokens, times the weight.
 * </ul>
 *
 * <p>No gradient runs from the discriminator through the tokens to the generator; tables that both share learn from
 * both.
 *
 * <p>Dimensions: B texts, T tokens, P hidden tokens, V vocabulary, C width.
 *
 * @param generator a model for hidden tokens
 * @param discriminator a model for replaced tokens; the caller's, as the generator is
 * @param weight of the discriminator's term, 50 in the paper
 * @param sampler which tokens the generator fills in
 */
public record ReplacedTokens(SingleStackModel generator, Model discriminator, double weight, Sampler sampler)
        implements Objective {
    /** The name of the discriminator's term. */
    public static final String REPLACED = "replaced";

    /** Chooses tokens. */
    @FunctionalInterface
    public interface Sampler {
        /** Each as likely as its score says, drawn from the generator of {@link Seeds}. */
        Sampler LIKELY = scores_PV ->
                scores_PV.softmax(1).multinomial(1, false, Seeds.generator(scores_PV)).squeeze(1);

        /**
         * Scores [P, V], float32, to tokens, int64 [P].
         */
        Tensor sample(Tensor scores_PV);
    }

    /** @throws ConfigException if the models are not for hidden and for replaced tokens */
    public ReplacedTokens {
        if (generator.identity().task() != Task.MASKED_LM
                || discriminator.identity().task() != Task.REPLACED_TOKENS) {
            throw new ConfigException("replaced tokens: got " + generator.identity().architecture() + " and "
                    + discriminator.identity().architecture()
                    + ", allowed a model for hidden tokens and one for replaced tokens");
        }
        if (!(weight > 0)) {
            throw new ConfigException("replaced tokens: got a weight of " + weight + ", allowed above 0");
        }
    }

    @Override
    public Loss loss(Batch batch) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>(batch.fields());
        fields.remove("labels");
        long[] originals = batch.longs("labels").values();
        long[] hidden = LongStream.range(0, originals.length)
                .filter(place -> originals[(int) place] != Batch.IGNORED_LABEL).toArray();
        Tensor label_P = Tensors.ofLongs(
                LongStream.of(hidden).map(place -> originals[(int) place]).toArray(), hidden.length);
        Tensor score_PV = generator.logits(Tensors.pick(
                generator.tokenStates(BatchTensors.of(fields)).flatten(0, 1), 0,
                Tensors.ofLongs(hidden, hidden.length)));
        Loss filled = Loss.of(Losses.crossEntropySum(score_PV, label_P, 0), right(score_PV, label_P));
        long[] ids = batch.longs("input_ids").values().clone();
        long[] replaced = new long[ids.length];
        long[] sampled = sampled(score_PV);
        for (int i = 0; i < hidden.length; i++) {
            int place = (int) hidden[i];
            ids[place] = sampled[i];
            replaced[place] = sampled[i] == originals[place] ? 0 : 1;
        }
        long[] shape = batch.longs("input_ids").shape();
        fields.put("input_ids", new Batch.Longs(ids, shape));
        fields.put("labels", new Batch.Longs(replaced, shape));
        Loss found = discriminator.loss(BatchTensors.of(fields));
        return filled.plus(new Loss.Term(REPLACED, found.main(), weight, found.right()));
    }

    private long[] sampled(Tensor score_PV) {
        try (NoGrad noGrad = new NoGrad()) {
            return Tensors.toLongs(
                    Precision.withoutAutocast(() -> sampler.sample(score_PV.detach().to(ScalarType.Float))));
        }
    }

    private static Optional<Tensor> right(Tensor score_PV, Tensor label_P) {
        return GradMode.is_enabled()
                ? Optional.empty()
                : Optional.of(score_PV.argmax(new LongOptional(-1), false).eq(Tensors.beside(label_P, score_PV)).sum());
    }

    @Override
    public double count(Batch batch, String term) {
        if (!term.equals(REPLACED)) {
            return Objective.super.count(batch, term);
        }
        return batch.fields().containsKey("attention_mask")
                ? LongStream.of(batch.longs("attention_mask").values()).sum()
                : batch.longs("input_ids").values().length;
    }
}
