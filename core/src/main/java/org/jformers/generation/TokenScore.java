package org.jformers.generation;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * How likely a token was to the model, before any setting changed its scores.
 *
 * @param id the token
 * @param logProbability natural logarithm of its probability
 * @param best the likeliest tokens in its place, the best first, each without others
 */
public record TokenScore(int id, float logProbability, List<TokenScore> best) {
    public TokenScore {
        best = List.copyOf(best);
    }

    /** Log-probabilities of all tokens in a place, [V], from its scores. */
    static Tensor logs(Tensor scores_V) {
        return scores_V.log_softmax(-1);
    }

    /** That of a token, with the likeliest ones. */
    static TokenScore of(long id, Tensor log_V, int count) {
        var best = log_V.topk(Math.min(count, log_V.size(0)), -1, true, true);
        float[] logs = Tensors.toFloats(best.get0());
        long[] ids = Tensors.toLongs(best.get1());
        List<TokenScore> likeliest = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            likeliest.add(new TokenScore((int) ids[i], logs[i], List.of()));
        }
        return new TokenScore((int) id, Tensors.toFloats(log_V.narrow(0, id, 1))[0], likeliest);
    }
}
