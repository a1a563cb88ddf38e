package org.jformers.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the requests that are open, from a thread of its own. */
final class Watch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final Set<Exchange> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "jformers-watch");
        made.setDaemon(true);
        return made;
    });

    Watch() {
        thread.scheduleWithFixedDelay(
                () -> open.forEach(Watch::look), Exchange.LOOK_MILLIS, Exchange.LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void look(Exchange exchange) {
        try {
            exchange.look();
        } catch (RuntimeException e) {
            LOG.debug("request {} could not be looked at", exchange.id(), e);
        }
    }

    void add(Exchange exchange) {
        open.add(exchange);
    }

    void remove(Exchange exchange) {
        open.remove(exchange);
    }

    /** How many there are. */
    int open() {
        return open.size();
    }

    /** Ends all of them. */
    void shut() {
        open.forEach(exchange -> exchange.end(Exchange.End.SHUT));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
