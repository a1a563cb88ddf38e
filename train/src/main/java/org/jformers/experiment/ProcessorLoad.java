package org.jformers.experiment;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How much of the processors this process takes, the engine's threads included. Not for several threads. */
final class ProcessorLoad {
    private final OperatingSystemMXBean system =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private long used = system.getProcessCpuTime();
    private long time = System.nanoTime();

    /** Share of all processors since the last call, 0 to 1. */
    double share() {
        long usedNow = system.getProcessCpuTime();
        long timeNow = System.nanoTime();
        double most = (double) (timeNow - time) * Runtime.getRuntime().availableProcessors();
        double share = most > 0 ? Math.min(1, (usedNow - used) / most) : 0;
        used = usedNow;
        time = timeNow;
        return share;
    }
}
