package org.jformers.experiment;

import java.util.Locale;
import org.jformers.tensor.Device;
import org.jformers.training.report.RunFacts;

/** The machine a run is on, for its report. */
final class RunMachine {
    private RunMachine() {}

    static RunFacts.Machine describe() {
        return new RunFacts.Machine(
                Device.AUTO.resolve().toString().toUpperCase(Locale.ROOT),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("java.vendor") + " " + System.getProperty("java.version"),
                "jformers, libtorch through JavaCPP");
    }
}
