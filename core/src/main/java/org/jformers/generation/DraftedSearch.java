package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Decoding;
import org.jformers.tensor.Tensors;

/**
 * One sequence whose next tokens are guessed and read together with the last one: those that the model would have
 * chosen are kept, and one more is chosen behind them.
 *
 * <p>Dimensions: K guessed tokens and the one before them, V vocabulary.
 */
final class DraftedSearch implements Search {
    private final Plan plan;
    private final Sampler sampler;
    private final boolean drawn;
    private final int most;
    private final Optional<TokenListener> listener;
    private final OptionalInt best;
    private final List<TokenScore> scores = new ArrayList<>();
    private final Strand strand;
    private final Drafter drafter;
    private final Acceptance acceptance;
    private Drafter.Guess guess = Drafter.Guess.NONE;
    private boolean begun;
    private boolean ended;
    private boolean complete;

    DraftedSearch(Plan plan, Prompt prompt, Sampler sampler, GenerationConfig config, Controls controls, Drafts drafts,
            long seed) {
        this.plan = plan;
        this.sampler = sampler;
        drawn = config.doSample();
        most = drafts.tokens();
        listener = controls.listener();
        best = controls.best();
        strand = plan.strands(prompt).get(0);
        drafter = drafts instanceof DraftModel smaller
                ? new ModelDrafter(smaller.model(), plan, sampler, drawn)
                : PromptLookup::found;
        acceptance = new Acceptance(new SplittableRandom(seed));
    }

    @Override
    public List<Strand> strands() {
        return ended ? List.of() : List.of(strand);
    }

    @Override
    public void take(Tensor scores_KV, Decoding decoding) {
        int guessed = guess.tokens().length;
        long[] all = strand.ids();
        int before = all.length - guessed;
        strand.replace(Arrays.copyOf(all, before));
        begun = true;
        for (int i = 0; i <= guessed; i++) {
            long[] text = Arrays.copyOf(all, before + i);
            Tensor own_1V = scores_KV.narrow(0, i, 1);
            Optional<Tensor> log_V =
                    best.isPresent() ? Optional.of(TokenScore.logs(own_1V).select(0, 0)) : Optional.empty();
            Tensor scores_1V = plan.process(text, own_1V);
            Scores.require(scores_1V, drawn, before + i - plan.promptLength() + 1);
            long token = i < guessed ? kept(i, scores_1V) : Tensors.toLongs(sampler.choose(scores_1V, 1))[0];
            strand.append(token);
            log_V.ifPresent(logs -> scores.add(TokenScore.of(token, logs, best.getAsInt())));
            listener.ifPresent(hears -> hears.token((int) token));
            boolean goesOn = i < guessed && token == guess.tokens()[i] && !plan.ends(strand.ids());
            if (!goesOn) {
                break;
            }
        }
        guess = Drafter.Guess.NONE;
        strand.score(1);
        strand.forget(decoding);
    }

    private long kept(int place, Tensor scores_1V) {
        int token = Math.toIntExact(guess.tokens()[place]);
        if (!drawn) {
            return Tensors.toLongs(sampler.choose(scores_1V, 1))[0];
        }
        float[] p = Tensors.toFloats(scores_1V.softmax(-1));
        if (guess.probabilities().isEmpty()) {
            return acceptance.token(token, p);
        }
        float[] q = guess.probabilities().get(place);
        if (q.length != p.length) {
            throw new JformersException("generation: got a model of " + q.length + " tokens to guess with, allowed "
                    + p.length + ", the vocabulary of the model that writes");
        }
        return acceptance.token(token, p, q);
    }

    @Override
    public void settle(Decoding decoding) {
        if (!begun || guess.tokens().length > 0) {
            return;
        }
        long[] ids = strand.ids();
        complete = plan.complete(ids);
        ended = complete || ids.length >= plan.maxLength();
        if (ended) {
            strand.end(decoding);
            return;
        }
        // The last token is chosen by the model itself.
        guess = drafter.guess(ids, Math.min(most, plan.maxLength() - ids.length - 1));
        for (long token : guess.tokens()) {
            strand.append(token);
        }
        strand.score(1 + guess.tokens().length);
    }

    @Override
    public void stop() {
        ended = true;
        complete = true;
    }

    @Override
    public List<List<Continuation>> result() {
        int length = strand.ids().length - guess.tokens().length;
        int[] added = Arrays.stream(strand.ids(), plan.promptLength(), length).mapToInt(id -> (int) id).toArray();
        return List.of(List.of(new Continuation(added, OptionalDouble.empty(), complete, scores)));
    }

    @Override
    public void close() {
        drafter.close();
        sampler.close();
    }
}
