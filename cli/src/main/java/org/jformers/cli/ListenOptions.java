package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jformers.server.Server;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command listens, who may come in, and its life until a signal ends it. */
final class ListenOptions {
    @Option(names = "--host", paramLabel = "HOST", description = "The address to listen at.")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N", description = "The port; 0 for any that is free.")
    private int port;

    @Option(
            names = "--api-key",
            paramLabel = "FILE",
            description = "A file of keys, one per line, any of which a request has to bring.")
    private @Nullable Path keys;

    @Option(names = "--insecure", description = "Listen at an address that others reach, without a key.")
    private boolean insecure;

    Server start(Server.Builder builder) {
        builder.host(host).port(port);
        if (keys != null) {
            builder.keyFile(keys);
        }
        return insecure ? builder.insecure().start() : builder.start();
    }

    /**
     * Says where the server listens, and waits for a signal.
     *
     * @param drain how long requests that are open may take then
     * @param more lines behind the first
     */
    static void untilASignal(Server server, Duration drain, PrintWriter out, List<String> more) {
        CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.drain(drain);
            end.countDown();
        }, "jformers-drain"));
        out.println("listening on " + server.url());
        more.forEach(out::println);
        out.flush();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
