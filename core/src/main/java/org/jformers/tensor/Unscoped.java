package org.jformers.tensor;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is handed out where no scope is open. The collector frees it, but sees a few bytes where the engine holds
 * megabytes, and would come too late: it is called whenever so much has been handed out.
 */
final class Unscoped {
    private static final Logger LOG = LoggerFactory.getLogger(Unscoped.class);
    private static final long MUCH = 1L << 28;
    private static final AtomicLong BYTES = new AtomicLong();

    private Unscoped() {}

    static void add(long bytes) {
        if (BYTES.addAndGet(bytes) > MUCH && BYTES.getAndSet(0) > MUCH) {
            LOG.debug("results were made outside of every scope; Scopes.run and Scopes.get free them at once");
            System.gc();
        }
    }
}
