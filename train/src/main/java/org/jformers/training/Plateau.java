package org.jformers.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.jformers.JformersException;
import org.jformers.optim.Schedule;

/**
 * A schedule times a factor that falls where a figure on held-out rows did not get better for a while: a window of
 * steps after the best measurement, or after the last fall.
 */
public final class Plateau implements Schedule, Stateful {
    private final Schedule schedule;
    private final Settings settings;
    private double best = Double.NaN;
    /** That of the best figure or of the last fall, whichever came later. */
    private long reference;
    private double factor = 1;

    /**
     * @param higherIsBetter whether more of the figure is better
     * @param tolerance how much better a figure has to be than the best so far, >= 0
     * @param window steps without a better figure that the rate is kept for, >= 1
     * @param decay the factor is multiplied by it when it falls, in (0, 1)
     * @param least the factor does not fall below it, in [0, 1]
     */
    public record Settings(boolean higherIsBetter, double tolerance, int window, double decay, double least) {
        public Settings {
            if (!(tolerance >= 0) || window < 1 || !(decay > 0 && decay < 1) || !(least >= 0 && least <= 1)) {
                throw new JformersException("plateau: got tolerance " + tolerance + ", window " + window + ", decay "
                        + decay + ", least " + least
                        + ", allowed tolerance >= 0, window >= 1, decay in (0, 1), least in [0, 1]");
            }
        }
    }

    /** @param schedule what is multiplied */
    public Plateau(Schedule schedule, Settings settings) {
        this.schedule = schedule;
        this.settings = settings;
    }

    @Override
    public double rate(double step) {
        return factor * schedule.rate(step);
    }

    /** Takes note of a figure that was measured after so many steps. */
    public void measured(long step, double value) {
        double gain = settings.higherIsBetter() ? value - best : best - value;
        if (Double.isNaN(best) || gain > settings.tolerance()) {
            best = value;
            reference = step;
        }
        if (step - reference >= settings.window()) {
            factor = Math.max(settings.least(), factor * settings.decay());
            reference = step;
        }
    }

    /** What the rate is multiplied by now. */
    public double factor() {
        return factor;
    }

    @Override
    public String name() {
        return "plateau";
    }

    @Override
    public JsonNode state() {
        return JsonNodeFactory.instance.objectNode()
                .put("best", best).put("reference", reference).put("factor", factor);
    }

    @Override
    public void restore(JsonNode state) {
        best = state.path("best").asDouble(Double.NaN);
        reference = state.path("reference").asLong();
        factor = state.path("factor").asDouble(1);
    }
}
