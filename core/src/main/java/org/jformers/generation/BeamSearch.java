package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.tensor.Tensors;

/**
 * Beam search: follows the likeliest sequences of each prompt side by side. Source: arXiv:1609.08144, 7, with the
 * length penalty, the rules for ending and the arithmetic of transformers 5.18, in float32. With drawing on, candidates
 * are drawn by their probabilities instead of taken by them.
 *
 * <p>Dimensions: B prompts at work, N beams, S tokens so far, V vocabulary, K candidates per prompt.
 */
final class BeamSearch implements Search {
    private final Plan plan;
    private final Sampler sampler;
    private final GenerationConfig config;
    private final int beams;
    private final int candidates;
    private final List<Strand> prompts;
    private final List<Beams> all;
    /** The running sequences of each prompt; before the first token the prompt alone. */
    private final List<List<Strand>> strands;

    BeamSearch(Plan plan, Prompt prompt, Sampler sampler, GenerationConfig config) {
        this.plan = plan;
        this.sampler = sampler;
        this.config = config;
        beams = config.numBeams();
        // Enough that, were every beam to meet every end token, as many sequences as beams could go on.
        candidates = Math.max(2, 1 + config.eosTokenId().size()) * beams;
        prompts = plan.strands(prompt);
        all = prompts.stream().map(strand -> new Beams(plan, config, strand.ids())).toList();
        strands = new ArrayList<>(prompts.stream().map(List::of).toList());
    }

    /**
     * A sequence that may follow a running beam.
     *
     * @param beam number of the beam it continues
     * @param ids its tokens, the new one included
     * @param score its log-probability
     */
    record Candidate(int beam, long[] ids, float score) {}

    @Override
    public List<Strand> strands() {
        return IntStream.range(0, all.size())
                .filter(i -> all.get(i).open())
                .boxed()
                .flatMap(i -> strands.get(i).stream())
                .toList();
    }

    @Override
    public void take(Tensor scores_RV, Decoding decoding) {
        List<Beams> batch = plan.keepsRows() ? all : all.stream().filter(Beams::open).toList();
        List<List<Candidate>> found = candidates(batch, placed(scores_RV, batch));
        for (int i = 0; i < found.size(); i++) {
            Beams beamsOfPrompt = batch.get(i);
            if (beamsOfPrompt.open()) {
                beamsOfPrompt.advance(found.get(i));
                int number = all.indexOf(beamsOfPrompt);
                strands.set(number, followed(strands.get(number), beamsOfPrompt, decoding));
            }
        }
    }

    /**
     * Scores of all beams: those of a prompt's first token are alike, and prompts that have ended, which keep their
     * place where tokens are drawn, get some that say nothing.
     */
    private Tensor placed(Tensor scores_RV, List<Beams> batch) {
        if (scores_RV.size(0) == (long) batch.size() * beams) {
            return scores_RV;
        }
        Tensor all_BV = Tensors.empty(Tensors.type(scores_RV), (long) batch.size() * beams, scores_RV.size(1)).zero_();
        long from = 0;
        for (int i = 0; i < batch.size(); i++) {
            if (batch.get(i).open()) {
                int rows = strands.get(all.indexOf(batch.get(i))).size();
                all_BV.narrow(0, (long) i * beams, beams).copy_(scores_RV.narrow(0, from, rows));
                from += rows;
            }
        }
        return all_BV;
    }

    /** The strands of the running beams: the first that continues a row takes it over, others get a copy. */
    private List<Strand> followed(List<Strand> before, Beams running, Decoding decoding) {
        List<Strand> after = new ArrayList<>();
        if (running.open()) {
            List<long[]> ids = running.sequences().toList();
            boolean[] wanted = new boolean[before.size()];
            int[] parents = IntStream.range(0, beams).map(beam -> before.size() == 1 ? 0 : running.parent(beam))
                    .toArray();
            int[] last = new int[before.size()];
            for (int beam = 0; beam < beams; beam++) {
                wanted[parents[beam]] = true;
                last[parents[beam]] = beam;
            }
            for (int i = 0; i < wanted.length; i++) {
                if (!wanted[i]) {
                    before.get(i).end(decoding); // before others are copied
                }
            }
            for (int beam = 0; beam < beams; beam++) {
                Strand parent = before.get(parents[beam]);
                after.add(last[parents[beam]] == beam
                        ? parent.succeed(ids.get(beam))
                        : parent.fork(decoding, ids.get(beam)));
            }
        } else {
            before.forEach(strand -> strand.end(decoding));
        }
        return after;
    }

    @Override
    public void stop() {
        all.forEach(Beams::stop);
    }

    @Override
    public List<List<Continuation>> result() {
        return all.stream().map(Beams::best).toList();
    }

    @Override
    public void close() {
        sampler.close();
    }

    /** The K best sequences that are one token longer than the running ones, per prompt. */
    private List<List<Candidate>> candidates(List<Beams> batch, Tensor logits_BV) {
        long vocabulary = logits_BV.size(1);
        int count = (int) Math.min(candidates, beams * vocabulary);
        float[] running = new float[batch.size() * beams];
        for (int i = 0; i < running.length; i++) {
            running[i] = batch.get(i / beams).score(i % beams);
        }
        boolean[] open = new boolean[running.length];
        for (int i = 0; i < open.length; i++) {
            open[i] = batch.get(i / beams).open();
        }
        Tensor log_BV = plan.process(ids(batch), logits_BV.log_softmax(1), open);
        Tensor total_BNV = log_BV.view(batch.size(), beams, vocabulary)
                .add_(Tensors.ofFloats(running, batch.size(), beams, 1));
        Tensor total_BX = total_BNV.flatten(1, 2);
        Scores.require(total_BX, config.doSample(), newTokens(batch) + 1);
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

    private static int newTokens(List<Beams> batch) {
        return batch.stream().filter(Beams::open).mapToInt(Beams::newTokens).findFirst().orElse(0);
    }

    /** All of one length: those that have ended, whose scores say nothing, are filled up. */
    private static long[][] ids(List<Beams> batch) {
        long[][] ids = batch.stream().flatMap(Beams::sequences).toArray(long[][]::new);
        int length = Arrays.stream(ids).mapToInt(row -> row.length).max().orElse(0);
        return Arrays.stream(ids).map(row -> row.length < length ? Arrays.copyOf(row, length) : row)
                .toArray(long[][]::new);
    }
}
