package org.jformers.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who is at work on a model and who waits. Clients take turns: whoever has many requests waiting gets one of them in
 * when everybody else who waits got one. What finds no place to wait is refused at once.
 */
final class Turns {
    private final int atOnce;
    private final int waiting;
    private final int perClient;
    private final Map<String, Deque<Waiter>> queues = new LinkedHashMap<>();
    private final Map<String, Integer> open = new HashMap<>();
    private int working;
    private int queued;

    /**
     * @param atOnce seats at work
     * @param waiting requests that may wait
     * @param perClient requests of one client, waiting or at work
     */
    Turns(int atOnce, int waiting, int perClient) {
        this.atOnce = atOnce;
        this.waiting = waiting;
        this.perClient = perClient;
    }

    private static final class Waiter {
        private final int seats;
        private boolean granted;

        Waiter(int seats) {
            this.seats = seats;
        }
    }

    /** A turn; closing it lets others in. */
    final class Turn implements AutoCloseable {
        private final String client;
        private final int seats;
        private boolean closed;

        private Turn(String client, int seats) {
            this.client = client;
            this.seats = seats;
        }

        @Override
        public void close() {
            synchronized (Turns.this) {
                if (!closed) {
                    closed = true;
                    working -= seats;
                    leave(client);
                    grant();
                }
            }
        }
    }

    /**
     * Waits for a turn.
     *
     * @param seats how much of the work it is, at most as many as there are
     * @throws ApiException if there is no place to wait, or the request is over before its turn
     */
    Turn take(Exchange exchange, int seats) {
        String client = exchange.client();
        if (seats > atOnce) {
            throw new ApiException(ApiException.Kind.INVALID, "n",
                    "n: got " + seats + " answers in one request, allowed " + atOnce + " at once");
        }
        synchronized (this) {
            if (open.getOrDefault(client, 0) >= perClient) {
                throw new ApiException(ApiException.Kind.BUSY,
                        "requests: got one more of this client, allowed " + perClient + " at a time");
            }
            Waiter waiter = new Waiter(seats);
            boolean free = queued == 0 && working + seats <= atOnce;
            if (!free && queued >= waiting) {
                throw new ApiException(ApiException.Kind.BUSY,
                        "requests: got one more than wait already, allowed " + waiting);
            }
            open.merge(client, 1, Integer::sum);
            queues.computeIfAbsent(client, added -> new ArrayDeque<>()).add(waiter);
            queued++;
            grant();
            await(exchange, waiter);
            return new Turn(client, seats);
        }
    }

    private synchronized void await(Exchange exchange, Waiter waiter) {
        boolean interrupted = false;
        while (!waiter.granted && !interrupted && !exchange.over()) {
            try {
                wait(Exchange.LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                interrupted = true;
            }
        }
        if (waiter.granted) {
            return;
        }
        Deque<Waiter> own = queues.get(exchange.client());
        if (own != null) {
            own.remove(waiter);
            if (own.isEmpty()) {
                queues.remove(exchange.client());
            }
        }
        queued--;
        leave(exchange.client());
        grant();
        throw exchange.failure();
    }

    /** Lets in whoever is next as long as there are seats; one that needs many is not overtaken. */
    private synchronized void grant() {
        while (!queues.isEmpty()) {
            Map.Entry<String, Deque<Waiter>> next = queues.entrySet().iterator().next();
            Waiter waiter = next.getValue().element();
            if (working + waiter.seats > atOnce) {
                break;
            }
            Deque<Waiter> own = next.getValue();
            own.remove();
            queues.remove(next.getKey());
            if (!own.isEmpty()) {
                queues.put(next.getKey(), own); // behind all others
            }
            queued--;
            working += waiter.seats;
            waiter.granted = true;
        }
        notifyAll();
    }

    private void leave(String client) {
        open.computeIfPresent(client, (name, count) -> count == 1 ? null : count - 1);
    }

    /** Seats that are taken. */
    synchronized int working() {
        return working;
    }

    /** Requests that wait. */
    synchronized int queued() {
        return queued;
    }
}
