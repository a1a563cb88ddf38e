package org.jformers.objective;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.jformers.data.Batch;
import org.jformers.data.MixedExamples;
import org.jformers.model.Loss;
import org.jformers.nn.Parameter;

/**
 * Several objectives, each for the batches of its part of {@link MixedExamples}. Terms have the part's name before
 * their own: {@code spans.loss}. It counts the labels that each part has given.
 */
public final class MixedObjective implements Objective {
    private final List<Part> parts;
    private final Counting counting;
    private final Collection<Parameter> trained;
    private final long[] labels;

    /** What counts the same in a step of several batches. */
    public enum Counting {
        /** Every label, as if all batches of a step were one. */
        LABELS,
        /** Every batch, as if each was a step by itself. */
        BATCHES
    }

    /**
     * One of the objectives.
     *
     * @param name before the names of its terms
     * @param objective itself
     * @param still parameters that stay as they are in its batches
     */
    public record Part(String name, Objective objective, Set<Parameter> still) {}

    /**
     * @param parts by their numbers in batches
     * @param counting what counts the same
     * @param trained all parameters that the run trains
     */
    public MixedObjective(List<Part> parts, Counting counting, Collection<Parameter> trained) {
        this.parts = List.copyOf(parts);
        this.counting = counting;
        this.trained = trained.stream().filter(Parameter::trained).toList();
        labels = new long[parts.size()];
    }

    @Override
    public Loss loss(Batch batch) {
        int number = MixedExamples.part(batch);
        Part part = parts.get(number);
        if (GradMode.is_enabled()) {
            labels[number] += batch.labels();
            move(part);
        }
        Batch own = MixedExamples.own(batch);
        return new Loss(part.objective().loss(own).terms().stream()
                .map(term -> new Loss.Term(part.name() + "." + term.name(),
                        counting == Counting.LABELS ? term.sum()
                                : term.sum().div(new Scalar(part.objective().count(own, term.name()))),
                        term.weight(), term.right()))
                .collect(Collectors.toList()));
    }

    /** Parameters that a batch does not move get no gradient from it. */
    private void move(Part part) {
        if (parts.stream().anyMatch(other -> !other.still().isEmpty())) {
            trained.forEach(parameter -> parameter.tensor().set_requires_grad(!part.still().contains(parameter)));
        }
    }

    @Override
    public double count(Batch batch, String term) {
        if (counting == Counting.BATCHES) {
            return 1;
        }
        int dot = term.indexOf('.');
        String own = term.substring(dot + 1);
        if (own.equals(Loss.MAIN)) {
            return batch.labels();
        }
        Part part = parts.get(MixedExamples.part(batch));
        return part.name().equals(term.substring(0, dot))
                ? part.objective().count(MixedExamples.own(batch), own)
                : 0;
    }

    /** How many labels a part has given so far. */
    public long labels(int part) {
        return labels[part];
    }

    /** Goes on counting from there. */
    public void restoreLabels(int part, long count) {
        labels[part] = count;
    }
}
