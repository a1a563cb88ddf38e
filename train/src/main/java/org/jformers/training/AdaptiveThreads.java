package org.jformers.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jformers.tensor.Engine;

/**
 * Trains with all threads of the engine, or with one where that is faster: beside a program that takes a core, every
 * operation waits for the thread that has none, and a step takes many times as long. Both are tried for a few steps at
 * the beginning, then at growing intervals, and at once where steps become slow. Sums are made in another order by
 * another number of threads, so a run may differ in its last bits from one that has the machine for itself.
 */
public final class AdaptiveThreads implements TrainingListener, AutoCloseable {
    private static final int TRIED = 4;
    private static final int FIRST_INTERVAL = 100;
    private static final double SLOW = 1.6;

    private final int all;
    private int threads;
    private final List<Double> seconds = new ArrayList<>();
    private int interval = FIRST_INTERVAL;
    private int sinceTrial;
    private boolean isTrial;
    private double usual = Double.NaN;

    /** With as many threads as the engine has now. */
    public AdaptiveThreads() {
        all = Engine.currentThreads();
        threads = all;
    }

    @Override
    public void afterStep(TrainingLoop loop, StepReport report) {
        if (all == 1) {
            return;
        }
        seconds.add(report.seconds());
        sinceTrial++;
        if (isTrial) {
            if (seconds.size() >= TRIED) {
                decide(median());
            }
            return;
        }
        if (seconds.size() > 2 * TRIED) {
            seconds.remove(0);
        }
        boolean known = seconds.size() == 2 * TRIED;
        if (known && (Double.isNaN(usual) || sinceTrial >= interval || median() > SLOW * usual)) {
            usual = median();
            use(threads == 1 ? all : 1);
            isTrial = true;
        }
    }

    /** Keeps the faster of the two; the next trial comes the later the more often the same one won. */
    private void decide(double tried) {
        isTrial = false;
        sinceTrial = 0;
        if (tried < usual) {
            usual = tried;
            interval = FIRST_INTERVAL;
        } else {
            use(threads == 1 ? all : 1);
            interval *= 2;
        }
    }

    private void use(int number) {
        threads = number;
        Engine.useThreads(number);
        seconds.clear();
    }

    private double median() {
        List<Double> sorted = new ArrayList<>(seconds);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public void afterTraining(TrainingLoop loop) {
        close();
    }

    /** Gives the engine its threads back. */
    @Override
    public void close() {
        Engine.useThreads(all);
    }
}
