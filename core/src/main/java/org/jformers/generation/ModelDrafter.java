package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Decoding;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** A smaller model that writes ahead, under the settings of the larger one. */
final class ModelDrafter implements Drafter {
    private final Plan plan;
    private final Sampler sampler;
    private final boolean drawn;
    private final Decoding decoding;
    private final int positions;
    private final int row;
    /** What the row has read. */
    private long[] read = new long[0];

    ModelDrafter(Model model, Plan plan, Sampler sampler, boolean drawn) {
        this.plan = plan;
        this.sampler = sampler;
        this.drawn = drawn;
        decoding = model.decoding();
        positions = model.identity().spec().room().orElse(Integer.MAX_VALUE);
        if (!decoding.inParts()) {
            decoding.close();
            throw new JformersException("generation: got " + model.identity().architecture()
                    + " to guess with, which cannot take tokens back; allowed decoders with keys and values");
        }
        row = decoding.begin(ModelInputs.of(Map.of()), 1)[0];
    }

    @Override
    public Guess guess(long[] ids, int most) {
        return Scopes.get(() -> {
            long[] text = ids;
            List<float[]> probabilities = new ArrayList<>();
            for (int i = 0; i < most && text.length < positions; i++) {
                Tensor scores_1V = plan.process(text, scores(text));
                if (drawn) {
                    probabilities.add(Tensors.toFloats(scores_1V.softmax(-1)));
                }
                text = Arrays.copyOf(text, text.length + 1);
                text[text.length - 1] = Tensors.toLongs(sampler.choose(scores_1V, 1))[0];
            }
            return new Guess(Arrays.copyOfRange(text, ids.length, text.length), probabilities);
        });
    }

    /** Scores behind a text, of which the row may have read the beginning. */
    private Tensor scores(long[] text) {
        int shared = Arrays.mismatch(read, text);
        shared = Math.min(shared < 0 ? read.length : shared, text.length - 1);
        if (shared < read.length) {
            decoding.truncate(row, shared);
        }
        int[] next = Arrays.stream(text, shared, text.length).mapToInt(id -> (int) id).toArray();
        read = text;
        return Tensors.to(decoding.read(List.of(new Decoding.Reading(row, next, 1))), Device.CPU);
    }

    @Override
    public void close() {
        decoding.close();
    }
}
