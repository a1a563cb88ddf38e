package org.jformers.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.jformers.JformersException;

/**
 * Keeps what was trained where a figure on the validation rows was best so far, and ends a run in which it did not get
 * better for a while.
 */
public final class BestCheckpoint implements Stateful {
    private final Path folder;
    private final String measure;
    private final boolean higherIsBetter;
    private final int patience;
    private double best = Double.NaN;
    /** That of the best figure; 0 before the first measurement. */
    private long step;
    private int waited;

    /**
     * @param folder where it is kept
     * @param measure name of the figure
     * @param higherIsBetter whether more of it is better
     * @param patience measurements without a better figure after which the run ends; 0 for no end
     */
    public BestCheckpoint(Path folder, String measure, boolean higherIsBetter, int patience) {
        this.folder = folder;
        this.measure = measure;
        this.higherIsBetter = higherIsBetter;
        this.patience = patience;
    }

    /**
     * Looks at a measurement: saves what is trained if it is the best so far, ends the run if patience is used up.
     *
     * @throws JformersException if the figure is not among those measured
     */
    public void measured(TrainingLoop loop, Map<String, Double> figures) {
        Double value = figures.get(measure);
        if (value == null) {
            throw new JformersException("best checkpoint: no figure " + measure + ", allowed " + figures.keySet());
        }
        if (step == 0 || better(value)) {
            try (Trainable.Snapshot snapshot = loop.parts().trained().snapshot()) {
                TrainingCheckpoint.replace(folder, snapshot.bytes(), snapshot::write);
            }
            best = value;
            step = loop.progress().step();
            waited = 0;
        } else {
            waited++;
        }
        if (exhausted()) {
            loop.finish();
        }
    }

    /** A figure that is undefined, as a correlation with a constant is, is worse than any other. */
    private boolean better(double value) {
        return !Double.isNaN(value) && (Double.isNaN(best) || (higherIsBetter ? value > best : value < best));
    }

    /** Whether the figure did not get better for as long as patience allows. */
    public boolean exhausted() {
        return patience > 0 && waited >= patience;
    }

    /** The step of the best figure; empty before the first measurement. */
    public OptionalLong step() {
        return step == 0 ? OptionalLong.empty() : OptionalLong.of(step);
    }

    /** Gives what is trained the parameters that it had then. */
    public void restoreInto(Trainable trained) {
        if (!Files.isDirectory(folder)) {
            throw new JformersException("best checkpoint: nothing was kept, in " + folder);
        }
        trained.restore(folder);
    }

    @Override
    public String name() {
        return "best_checkpoint";
    }

    @Override
    public JsonNode state() {
        return JsonNodeFactory.instance.objectNode().put("value", best).put("step", step).put("waited", waited);
    }

    @Override
    public void restore(JsonNode state) {
        best = state.path("value").asDouble(Double.NaN);
        step = state.path("step").asLong();
        waited = state.path("waited").asInt();
    }
}
