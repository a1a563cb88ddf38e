package org.jformers.task;

import java.util.List;
import org.jformers.experiment.Console;

/** Where runs of tests tell what they do. */
final class Consoles {
    private Consoles() {}

    /** Keeps what a run says. */
    static Console saying(List<String> lines) {
        return new Console() {
            @Override
            public void say(String line) {
                lines.add(line);
            }

            @Override
            public void progress(long step, long steps, double loss, double perSecond) {}
        };
    }

    /** Ends a run at a step by an exception that says {@code stopped}. */
    static Console stoppingAt(long last) {
        return new Console() {
            @Override
            public void say(String line) {}

            @Override
            public void progress(long step, long steps, double loss, double perSecond) {
                if (step == last) {
                    throw new IllegalStateException("stopped");
                }
            }
        };
    }
}
