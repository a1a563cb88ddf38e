package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ConfigException;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * How a model gets a vocabulary of another size. Source of the mean: John Hewitt, "Initializing New Word Embeddings for
 * Pretrained Language Models", 2021, with the reference's scale.
 *
 * <p>Dimensions: V old rows, C width.
 *
 * @param vocabSize number of tokens, at least 1
 * @param newRows what the rows of new tokens hold
 */
public record Resizing(int vocabSize, NewRows newRows) {
    private static final double VARIANCE = 1e-9;
    private static final long[] FIRST = {0};

    /** What the rows of new tokens hold. */
    public enum NewRows {
        /**
         * The mean of the old rows and very little noise of their covariance, so that a new token is hardly likelier
         * than an average one. A constant added to a score is the mean where the output layer has a table of its own,
         * else 0.
         */
        MEAN,
        /** What the family's initialisation gives. */
        INITIALISED
    }

    public Resizing {
        if (vocabSize < 1) {
            throw new ConfigException("vocabulary: got " + vocabSize + " tokens, allowed at least 1");
        }
    }

    /** To this many tokens, new rows near the mean of the old ones. */
    public static Resizing to(int vocabSize) {
        return new Resizing(vocabSize, NewRows.MEAN);
    }

    /** The next size that a number divides, which some processors compute faster. */
    public Resizing roundedUpTo(int multiple) {
        if (multiple < 1) {
            throw new ConfigException("vocabulary: got a multiple of " + multiple + ", allowed at least 1");
        }
        return new Resizing(Math.toIntExact((vocabSize + multiple - 1L) / multiple * multiple), newRows);
    }

    public Resizing withNewRows(NewRows kind) {
        return new Resizing(vocabSize, kind);
    }

    /** Writes the size down; a target vocabulary that is the source's as well follows (Marian). */
    public ObjectNode write(ObjectNode json) {
        if (json.hasNonNull("decoder_vocab_size") && json.path("share_encoder_decoder_embeddings").asBoolean(true)) {
            json.put("decoder_vocab_size", vocabSize);
        }
        return json.put("vocab_size", vocabSize);
    }

    /** Fills resized parameters, by name, which the family's initialisation has filled. */
    public void fill(Map<String, Parameter> resized, Map<String, Tensor> old) {
        boolean tied = resized.values().stream().filter(parameter -> parameter.tensor().dim() == 2
                && parameter.trainable()).count() == 1;
        resized.forEach((name, parameter) -> Scopes.run(() ->
                fill(parameter, Objects.requireNonNull(old.get(name)), tied)));
    }

    private void fill(Parameter parameter, Tensor old, boolean tied) {
        Tensor into = parameter.tensor();
        long from = old.size(0) == into.size(0) ? 1 : 0;
        long kept = Math.min(old.size(from), into.size(from));
        long more = into.size(from) - kept;
        into.narrow(from, 0, kept).copy_(old.narrow(from, 0, kept));
        boolean constant = parameter.role() == Role.BIAS && tied;
        if (more > 0 && (constant || !parameter.trainable())) {
            into.narrow(from, kept, more).zero_();
        } else if (more > 0 && newRows == NewRows.MEAN) {
            Tensor row = old.to(ScalarType.Float);
            Tensor mean = row.mean(FIRST, true, null);
            for (long place = kept; place < kept + more; place++) {
                Tensor at = into.narrow(0, place, 1);
                Scopes.run(() -> at.copy_(row.dim() == 2 ? mean.add(noise(row.sub(mean))) : mean));
            }
        }
    }

    /** A sum of all rows, each times its own random number, has their covariance: [V, C] of mean 0 to [1, C]. */
    private static Tensor noise(Tensor centered_VC) {
        Tensor factor_1V = Tensors.empty(ScalarType.Float, 1, centered_VC.size(0));
        Tensors.fillNormal(factor_1V, 0, Math.sqrt(VARIANCE / centered_VC.size(0)));
        return Tensors.beside(factor_1V, centered_VC).matmul(centered_VC);
    }
}
