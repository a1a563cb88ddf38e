package org.jformers.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures, and says of each request that it was there: where, how it ended and how long it took, nothing of it. */
final class Telemetry {
    private static final Logger ACCESS = LoggerFactory.getLogger("org.jformers.server.access");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MultiGauge working = MultiGauge.builder("jformers.requests.working").register(registry);
    private final MultiGauge waiting = MultiGauge.builder("jformers.requests.waiting").register(registry);

    Telemetry(Watch watch) {
        Gauge.builder("jformers.requests.open", watch, Watch::open).register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    /** A request has ended. */
    void ended(String route, int status, Exchange exchange, Optional<Integer> key) {
        Timer.builder("jformers.requests").tags("route", route, "status", Integer.toString(status))
                .register(registry).record(exchange.time());
        ACCESS.info("{} {} {} {} ms, key {}", exchange.id(), route, status, exchange.time().toMillis(),
                key.map(String::valueOf).orElse("none"));
    }

    /** Tokens were read and written. */
    void written(String model, int prompt, int tokens, Optional<Duration> first) {
        Counter.builder("jformers.tokens").tags("model", model, "kind", "prompt").register(registry).increment(prompt);
        Counter.builder("jformers.tokens").tags("model", model, "kind", "new").register(registry).increment(tokens);
        first.ifPresent(time -> Timer.builder("jformers.first.token").tags("model", model)
                .register(registry).record(time));
    }

    /** All of it as Prometheus reads it. */
    String scrape(Models models) {
        working.register(models.all().stream().map(model ->
                MultiGauge.Row.of(Tags.of("model", model.name()), model.load()[0])).toList(), true);
        waiting.register(models.all().stream().map(model ->
                MultiGauge.Row.of(Tags.of("model", model.name()), model.load()[1])).toList(), true);
        return registry.scrape();
    }
}
