package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Beam search: follows the likeliest sequences of each prompt side by side. Source: arXiv:1609.08144, 7, with the
 * length penalty, the rules for ending and the arithmetic of transformers 5.18, in float32. With drawing on, candidates
 * are drawn by their probabilities instead of taken by them.
 *
 * <p>Dimensions: B prompts at work, N beams, S tokens so far, V vocabulary, K candidates per prompt.
 */
final class BeamSearch {
    private final Plan plan;
    private final Sampler sampler;
    private final GenerationConfig config;
    private final int beams;
    private final int candidates;

    BeamSearch(Plan plan, Sampler sampler, GenerationConfig config) {
        this.plan = plan;
        this.sampler = sampler;
        this.config = config;
        beams = config.numBeams();
        // Enough that, were every beam to meet every end token, as many sequences as beams could go on.
        candidates = Math.max(2, 1 + config.eosTokenId().size()) * beams;
    }

    /**
     * A sequence that may follow a running beam.
     *
     * @param beam number of the beam it continues
     * @param ids its tokens, the new one included
     * @param score its log-probability
     */
    record Candidate(int beam, long[] ids, float score) {}

    List<List<Continuation>> run(long[][] prompt_BS, Decoding decoding) {
        List<Beams> all = Arrays.stream(prompt_BS).map(prompt -> new Beams(plan, config, prompt)).toList();
        List<Beams> batch = all;
        advance(all, () -> Generator.first(decoding, prompt_BS, beams));
        while (batch.stream().anyMatch(Beams::open)) {
            List<Beams> reading = reordered(batch, decoding);
            advance(reading, () -> Generator.next(decoding, ids(reading)));
            batch = reading;
        }
        return all.stream().map(Beams::best).toList();
    }

    private void advance(List<Beams> batch, Supplier<Tensor> scores_BV) {
        List<List<Candidate>> found = Scopes.get(() -> candidates(batch, scores_BV.get()));
        for (int i = 0; i < found.size(); i++) {
            batch.get(i).advance(found.get(i));
        }
    }

    /** The K best sequences that are one token longer than the running ones, per prompt. */
    private List<List<Candidate>> candidates(List<Beams> batch, Tensor logits_BV) {
        long vocabulary = logits_BV.size(1);
        int count = (int) Math.min(candidates, beams * vocabulary);
        float[] running = new float[batch.size() * beams];
        for (int i = 0; i < running.length; i++) {
            running[i] = batch.get(i / beams).score(i % beams);
        }
        Tensor log_BV = plan.process(ids(batch), logits_BV.log_softmax(1));
        Tensor total_BNV = log_BV.view(batch.size(), beams, vocabulary)
                .add_(Tensors.ofFloats(running, batch.size(), beams, 1));
        Tensor total_BX = total_BNV.flatten(1, 2);
        Scores.require(total_BX, config.doSample(), batch.get(0).newTokens() + 1);
        Tensor chosen_BK = sampler.choose(total_BX, count);
        long[] index = Tensors.toLongs(chosen_BK);
        float[] score = Tensors.toFloats(total_BX.gather(1, chosen_BK));
        List<List<Candidate>> found = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            Beams beamsOfPrompt = batch.get(i);
            found.add(IntStream.range(i * count, (i + 1) * count)
                    .mapToObj(k -> beamsOfPrompt.candidate(
                            (int) (index[k] / vocabulary), index[k] % vocabulary, score[k]))
                    .toList());
        }
        return found;
    }

    /**
     * Brings what the model has read into the order of the running beams. Prompts that have ended go, unless rows must
     * keep their place.
     */
    private List<Beams> reordered(List<Beams> batch, Decoding decoding) {
        List<Beams> kept = new ArrayList<>();
        List<Long> rows = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            Beams one = batch.get(i);
            if (one.open() || plan.keepsRows()) {
                kept.add(one);
                for (int beam = 0; beam < beams; beam++) {
                    rows.add((long) i * beams + one.parent(beam));
                }
            }
        }
        long[] order = rows.stream().mapToLong(Long::longValue).toArray();
        boolean same = kept.size() == batch.size() && IntStream.range(0, order.length).allMatch(i -> order[i] == i);
        if (!same) {
            Scopes.run(() -> decoding.reorder(Tensors.ofLongs(order, order.length)));
        }
        return kept;
    }

    private static long[][] ids(List<Beams> batch) {
        return batch.stream().flatMap(Beams::sequences).toArray(long[][]::new);
    }
}
