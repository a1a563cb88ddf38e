package org.jformers.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jformers.model.auto.LoadRequest;
import org.jformers.server.Limits;
import org.jformers.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers serve}: models over HTTP, until a signal ends it. */
@Command(
        name = "serve",
        description = "Serve models over HTTP, as OpenAI's API has it. The first line says where; a signal ends it,"
                + " when requests that are open have ended.")
final class ServeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "[NAME=]REF",
            arity = "1..*",
            description = "Models: folders, ids on the hub, short names of 'jformers models', or"
                    + " mvn:group:artifact:version; each is asked for by its NAME, or else the last part of its folder"
                    + " or its id.")
    private List<String> models = List.of();

    @Mixin
    private ListenOptions listen;

    @Option(
            names = "--admin-key",
            paramLabel = "FILE",
            description = "A file of keys with which models are unloaded and loaded again; without it nobody does.")
    private @Nullable Path adminKeys;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "How many requests may wait for a model; the next one is refused.")
    private int queue = 256;

    @Option(
            names = "--together",
            paramLabel = "N",
            description = "How many answers a model writes at a time.")
    private int together = 64;

    @Option(
            names = "--per-key",
            paramLabel = "N",
            description = "How many requests of a key, or of an address without keys, may be open on a model; by"
                    + " default any number.")
    private int perKey = Integer.MAX_VALUE;

    @Option(
            names = "--tokens-per-minute",
            paramLabel = "N",
            description = "How many tokens a key, or an address without keys, may have read and written in a minute; by"
                    + " default any number.")
    private int tokensPerMinute = Integer.MAX_VALUE;

    @Option(
            names = "--remember",
            paramLabel = "TOKENS",
            description = "How many tokens of texts that have ended a model keeps, so that texts that begin alike are"
                    + " not read again; 0 for none. By default 8192, and none with several keys.")
    private @Nullable Integer remembered;

    @Option(
            names = "--adapter",
            paramLabel = "MODEL:NAME=REF",
            converter = Assignment.Reader.class,
            description = "A LoRA adapter beside a model, its folder or its id; MODEL:NAME asks for it. May be given"
                    + " several times.")
    private List<Assignment> adapters = List.of();

    @Option(
            names = "--documents",
            paramLabel = "FILE|JDBC-URL",
            description = "Where documents of the pages are kept: a file of SQLite, made with the first one, by default"
                    + " .jformers/documents.sqlite of the user's home, or a database whose driver is on the class"
                    + " path.")
    private String documents = Path.of(System.getProperty("user.home"), ".jformers", "documents.sqlite").toString();

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            description = "How long requests that are open may take when a signal has come.")
    private int drain = 30;

    @Option(
            names = "--weights",
            paramLabel = "TYPE",
            description = "How weights are kept, as for 'jformers generate': float32, bfloat16, int8, int4 and so on.")
    private @Nullable String weights;

    @Mixin
    private DeviceOption device;

    @Override
    public void run() {
        // Who asked, and what came of it.
        ((Logger) LoggerFactory.getLogger("org.jformers.server")).setLevel(Level.INFO);
        // Its warnings quote what was asked.
        ((Logger) LoggerFactory.getLogger("org.eclipse.jetty")).setLevel(Level.ERROR);
        Server server = start();
        ListenOptions.untilASignal(server, Duration.ofSeconds(drain), spec.commandLine().getOut(),
                server.models().stream().map(name -> "serving " + name).toList());
    }

    private LoadRequest request() {
        return weights == null ? LoadRequest.DECLARED : LoadRequest.DECLARED.withWeights(weights);
    }

    private Server start() {
        try (ModelArgument.Display display = new ModelArgument.Display(spec.commandLine().getErr())) {
            Server.Builder builder = Server.builder().queue(queue).together(together)
                    .documents(documents)
                    .limits(Limits.DEFAULT.withPerKey(perKey).withTokensPerMinute(tokensPerMinute))
                    .request(request().withDevice(device.device())).listener(display);
            for (String model : models) {
                int equals = model.indexOf('=');
                if (equals > 0) {
                    builder.model(model.substring(0, equals), model.substring(equals + 1));
                } else {
                    builder.model(model);
                }
            }
            for (Assignment adapter : adapters) {
                int colon = adapter.path().lastIndexOf(':');
                if (colon < 1) {
                    throw new ParameterException(spec.commandLine(), "--adapter: got " + adapter.path()
                            + ", allowed MODEL:NAME=REF");
                }
                builder.adapter(adapter.path().substring(0, colon), adapter.path().substring(colon + 1),
                        adapter.value());
            }
            if (remembered != null) {
                builder.remembered(remembered);
            }
            if (adminKeys != null) {
                builder.adminKeyFile(adminKeys);
            }
            return listen.start(builder);
        }
    }
}
