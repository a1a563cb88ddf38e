package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.generation.BeamSearch.Candidate;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * The beams of one prompt: those that run, and the best finished ones so far. All scores are float32; a sequence that
 * must lose, but has to keep its place, is {@link #FAR} behind, as in the reference.
 */
final class Beams {
    private static final float FAR = -1e9f;

    private final Plan plan;
    private final GenerationConfig config;
    private final int beams;
    private List<Candidate> running;
    private List<Finished> finished;
    private boolean open = true;
    private boolean improvable = true;

    /**
     * A place among the finished sequences.
     *
     * @param score log-probability divided by the power of the length
     * @param taken false while nothing has finished for this place
     */
    private record Finished(long[] ids, float score, boolean taken) {}

    Beams(Plan plan, GenerationConfig config, long[] prompt) {
        this.plan = plan;
        this.config = config;
        beams = config.numBeams();
        // All beams begin alike: only the first counts, or all would choose the same.
        running = IntStream.range(0, beams)
                .mapToObj(beam -> new Candidate(beam, prompt, beam == 0 ? 0 : FAR))
                .toList();
        finished = IntStream.range(0, beams).mapToObj(i -> new Finished(prompt, FAR, false)).toList();
    }

    /** Whether the search goes on for this prompt. */
    boolean open() {
        return open;
    }

    /** Ends the search with the best that there is, of the running ones too where too few have finished. */
    void stop() {
        int length = newTokens();
        if (open && length > 0) {
            List<Finished> every = new ArrayList<>(finished);
            running.forEach(one -> every.add(new Finished(one.ids(), one.score() / power(length), true)));
            finished = best(every, every.stream().map(Finished::score).toList());
        }
        open = false;
    }

    /** The running sequences, the best first. */
    Stream<long[]> sequences() {
        return running.stream().map(Candidate::ids);
    }

    /** How many tokens the running sequences have behind the prompt. */
    int newTokens() {
        return running.get(0).ids().length - plan.promptLength();
    }

    float score(int beam) {
        return running.get(beam).score();
    }

    /** Which running beam of the step before this one continues. */
    int parent(int beam) {
        return running.get(beam).beam();
    }

    Candidate candidate(int beam, long token, float score) {
        long[] before = running.get(beam).ids();
        long[] ids = Arrays.copyOf(before, before.length + 1);
        ids[before.length] = token;
        return new Candidate(beam, ids, score);
    }

    /** Takes the candidates of one step: those that end may finish unless it is closed, the others run on. */
    void advance(List<Candidate> candidates) {
        boolean[] ends = new boolean[candidates.size()];
        for (int k = 0; k < ends.length; k++) {
            ends[k] = plan.ends(candidates.get(k).ids());
        }
        int length = candidates.get(0).ids().length - plan.promptLength();
        finish(candidates, ends, length);
        runOn(candidates, ends);
        improvable &= canImprove(length);
        boolean stuck = IntStream.range(0, ends.length).allMatch(k -> ends[k]);
        open = !stuck && !closed();
    }

    /** The finished sequences that are asked for. */
    List<Continuation> best() {
        return finished.stream()
                .limit(config.numReturnSequences())
                .map(f -> new Continuation(
                        IntStream.range(plan.promptLength(), f.ids().length).map(i -> (int) f.ids()[i]).toArray(),
                        OptionalDouble.of(f.score()),
                        f.taken() && plan.complete(f.ids())))
                .toList();
    }

    /** Only the first N candidates may finish; the rest are there so that enough run on. */
    private void finish(List<Candidate> candidates, boolean[] ends, int length) {
        float divisor = power(length);
        boolean mayFinish = !closed();
        List<Finished> all = new ArrayList<>(finished);
        for (int k = 0; k < ends.length; k++) {
            boolean finishes = ends[k] && k < beams;
            float score = candidates.get(k).score() / divisor;
            score += mayFinish ? 0 : FAR;
            score += finishes ? 0 : FAR;
            all.add(new Finished(candidates.get(k).ids(), score, finishes));
        }
        finished = best(all, all.stream().map(Finished::score).toList());
    }

    private void runOn(List<Candidate> candidates, boolean[] ends) {
        List<Candidate> all = new ArrayList<>();
        for (int k = 0; k < ends.length; k++) {
            Candidate c = candidates.get(k);
            all.add(new Candidate(c.beam(), c.ids(), c.score() + (ends[k] ? FAR : 0)));
        }
        running = best(all, all.stream().map(Candidate::score).toList());
    }

    /** Whether the best running beam could still beat the worst finished one. */
    private boolean canImprove(int length) {
        boolean atLongest = config.earlyStopping() == EarlyStopping.NEVER && config.lengthPenalty() > 0;
        float reachable = score(0) / power(atLongest ? plan.maxLength() - plan.promptLength() : length);
        float worst = full() ? (float) finished.stream().mapToDouble(Finished::score).min().orElseThrow() : FAR;
        return reachable > worst;
    }

    private boolean closed() {
        return !improvable || full() && config.earlyStopping() == EarlyStopping.WHEN_FULL;
    }

    private boolean full() {
        return finished.stream().allMatch(Finished::taken);
    }

    private float power(int length) {
        return (float) Math.pow(length, config.lengthPenalty());
    }

    /** The N best; the engine decides among equals, as it does in the reference. */
    private <T> List<T> best(List<T> from, List<Float> scores) {
        float[] values = new float[from.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scores.get(i);
        }
        long[] order = Scopes.get(() -> Tensors.toLongs(
                Tensors.ofFloats(values, values.length).topk(beams, 0, true, true).get1()));
        return Arrays.stream(order).mapToObj(i -> from.get((int) i)).toList();
    }
}
