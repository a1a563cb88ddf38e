package org.jformers.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.staticfiles.Location;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jformers.JformersException;
import org.jformers.generation.EngineSettings;
import org.jformers.hub.HubContents;
import org.jformers.hub.ModelSource;
import org.jformers.hub.TransferListener;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.attention.CacheKind;

/**
 * Serves models over HTTP as OpenAI's API has it.
 *
 * <pre>{@code
 * try (Server server = Server.builder().model("org/name").start()) {
 *     System.out.println("listening on " + server.url());
 *     Thread.currentThread().join();
 * }
 * }</pre>
 *
 * <p>Listens to this machine alone unless told otherwise. Methods may be called from any thread.
 */
public final class Server implements AutoCloseable {
    private static final int HEADER_BYTES = 16_384;
    /** Threads that wait for nothing: they refuse, and answer what is short. */
    private static final int SPARE_THREADS = 64;
    private static final int REMEMBERED = 8_192;
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    private static final String WEB = "/org/jformers/server/web";

    private final Map<String, Served> known = new ConcurrentHashMap<>();
    private final Builder settings;
    private final Models models = new Models();
    private final Watch watch = new Watch();
    private final Door door;
    private final Optional<Documents> documents;
    private final List<Route> routes;
    private final QueuedThreadPool threads;
    private final Javalin http;
    private final ServerConnector[] connector = new ServerConnector[1];
    private boolean closed;

    private Server(Builder settings) {
        this.settings = settings;
        Api api = new Api(models, new Json(settings.limits.bodyBytes()), settings.limits,
                new Quota(settings.limits.tokensPerMinute(), System::nanoTime), new Telemetry(watch));
        boolean local = Builder.isLocal(settings.host);
        door = new Door(api, new Gate(settings.keys, local), new Gate(settings.adminKeys, local), watch);
        documents = settings.documents.map(Documents::at);
        List<Route> all = Routes.of(api, door, new Routes.Kept(documents, settings.runs, settings.models.isEmpty()),
                new Routes.Administration(this::loadKnown, this::unload));
        routes = all.stream()
                .filter(route -> route.access() != Route.Access.ADMIN || !settings.adminKeys.isEmpty()).toList();
        threads = new QueuedThreadPool(threads(1));
        threads.setName("jformers-http");
        threads.setDaemon(true);
        http = Javalin.create(this::configure);
    }

    /** A server in the making. */
    public static Builder builder() {
        return new Builder();
    }

    private int threads(int loaded) {
        return SPARE_THREADS + Math.max(1, loaded) * (settings.together + 2 * settings.queue);
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.http.prefer405over404 = true;
        config.jetty.threadPool = threads;
        config.jetty.addConnector(this::connector);
        config.jetty.modifyServer(server -> server.setErrorHandler(new PlainErrors()));
        config.staticFiles.add(files -> {
            files.directory = WEB;
            files.location = Location.CLASSPATH;
        });
        routes.forEach(route -> config.routes.addHttpHandler(
                route.method(), route.path(), context -> door.answer(route, context)));
        config.routes.before(Door::secure);
        PlainErrors.STATUSES.forEach((status, kind) -> config.routes.error(status, context -> {
            if (context.req().getContentLengthLong() > 0 || context.header("Transfer-Encoding") != null) {
                context.header("Connection", "close"); // nobody has read the body, which would be the next request
            }
            if (context.res().getContentType() == null || !context.res().getContentType().contains("json")) {
                context.contentType("application/json").result(
                        Door.body(kind, PlainErrors.message(kind), Optional.empty()).toString());
            }
        }));
    }

    private ServerConnector connector(org.eclipse.jetty.server.Server server, HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        ServerConnector made = new ServerConnector(server, new HttpConnectionFactory(http));
        made.setHost(settings.host);
        made.setPort(settings.port);
        made.setIdleTimeout(settings.limits.stall().toMillis());
        connector[0] = made;
        return made;
    }

    private void start() {
        try {
            settings.models.values().forEach(this::load);
            listen();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void listen() {
        try {
            http.start();
        } catch (RuntimeException e) {
            throw new JformersException("server: cannot listen at " + settings.host + ":" + settings.port
                    + ", which is taken, not of this machine, or not allowed", e);
        }
    }

    /** All routes, with who may use them. */
    List<Route> routes() {
        return routes;
    }

    /** The port. */
    public int port() {
        return connector[0].getLocalPort();
    }

    /** Where it is, such as {@code http://127.0.0.1:8080}. */
    public String url() {
        return "http://" + (settings.host.contains(":") ? "[" + settings.host + "]" : settings.host) + ":" + port();
    }

    /** The names by which models can be asked for. */
    public List<String> models() {
        return models.names();
    }

    /**
     * Serves another model, while the others serve.
     *
     * @param name by which it is asked for
     * @param model its folder, or its id on the hub
     * @throws JformersException if there is no such model, or the name is taken
     */
    public void load(String name, String model) {
        load(new Served(name, model, Map.of()));
    }

    private void loadKnown(String name) {
        Served served = known.get(name);
        if (served == null || models.names().contains(name)) {
            throw new ApiException(ApiException.Kind.INVALID, "model", "model: got one that is "
                    + (served == null ? "not known" : "loaded") + ", allowed those that were unloaded");
        }
        load(served);
    }

    private void load(Served served) {
        if (models.names().contains(served.name())) {
            throw new JformersException("model: got " + served.name() + " a second time, allowed once");
        }
        known.put(served.name(), served);
        Path folder = ModelSource.folder(served.model(), HubContents.MODEL, settings.listener);
        models.add(ServedModel.load(served.name(), folder, settings.request,
                served.adapterFolders(settings.listener), new ServedModel.Room(settings.together, settings.queue,
                        settings.limits.perKey(), settings.engine())));
        threads.setMaxThreads(threads(models.all().size()));
    }

    /**
     * Serves a model no longer: nobody gets it any more, and when those who have it are done, which takes no longer
     * than a request may, it is freed.
     */
    public void unload(String name) {
        models.remove(name, settings.limits.time());
    }

    /**
     * Takes no further requests and waits for those that are open; what is still open then is ended with an error.
     *
     * @param longest how long to wait
     */
    public void drain(Duration longest) {
        door.shut();
        await(longest);
        watch.shut();
        await(LAST_WORDS);
        close();
    }

    private void await(Duration longest) {
        long until = System.nanoTime() + longest.toNanos();
        while (watch.open() > 0 && System.nanoTime() < until) {
            try {
                Thread.sleep(Exchange.LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Ends all that is open, frees the models and lets the port go. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        door.shut();
        watch.shut();
        await(LAST_WORDS);
        http.stop();
        watch.close();
        documents.ifPresent(Documents::close);
        models.close();
    }

    /** How a server is made. */
    public static final class Builder {
        private final Map<String, Served> models = new LinkedHashMap<>();
        private List<String> keys = List.of();
        private List<String> adminKeys = List.of();
        private String host = "127.0.0.1";
        private int port;
        private int together = 64;
        private int queue = 256;
        private Limits limits = Limits.DEFAULT;
        private EngineSettings engine = EngineSettings.DEFAULT;
        private OptionalInt remembered = OptionalInt.empty();
        private LoadRequest request = LoadRequest.DECLARED;
        private TransferListener listener = TransferListener.NONE;
        private Optional<String> documents = Optional.empty();
        private Optional<Runs> runs = Optional.empty();
        private boolean insecure;

        private Builder() {}

        /** A model: its folder, by whose name it is asked for then, or its id on the hub. */
        public Builder model(String model) {
            return add(Served.of(model));
        }

        /** A model under another name. */
        public Builder model(String name, String model) {
            return add(new Served(name, model, Map.of()));
        }

        private Builder add(Served served) {
            if (models.putIfAbsent(served.name(), served) != null) {
                throw new JformersException("model: got " + served.name() + " a second time, allowed once; "
                        + "another name tells them apart");
            }
            return this;
        }

        /** A LoRA adapter of a model that was named before; {@code model:adapter} asks for it. */
        public Builder adapter(String model, String adapter, String folderOrId) {
            if (models.computeIfPresent(model, (name, served) -> served.with(adapter, folderOrId)) == null) {
                throw new JformersException("adapter: got one of " + model + ", allowed of " + models.keySet());
            }
            return this;
        }

        /** The address to listen at; by default this machine alone can reach it. */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /** The port; 0, the default, is any that is free. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /** Keys, any of which a request has to bring. */
        public Builder keys(List<String> value) {
            keys = List.copyOf(value);
            return this;
        }

        /** The keys of a file, one per line; lines that begin with # are none. */
        public Builder keyFile(Path file) {
            return keys(Gate.keys(file));
        }

        /** The keys of a file that load and unload models over HTTP; without it nobody does. */
        public Builder adminKeyFile(Path file) {
            adminKeys = Gate.keys(file);
            return this;
        }

        /** Lets everybody in who reaches an address that others than this machine reach. */
        public Builder insecure() {
            insecure = true;
            return this;
        }

        /**
         * Keeps documents of the pages: in a file of SQLite, which is made with the first one, or in the database of an
         * address that begins with {@code jdbc:}, whose driver is on the class path. Without it none are kept.
         */
        public Builder documents(String fileOrJdbcUrl) {
            documents = Optional.of(fileOrJdbcUrl);
            return this;
        }

        /** Runs that the page {@code runs.html} follows; without it there is nothing to follow. */
        public Builder runs(Runs value) {
            runs = Optional.of(value);
            return this;
        }

        /** How many requests may wait for a model; the next one is refused. */
        public Builder queue(int requests) {
            queue = requests;
            return this;
        }

        /** How many answers a model writes at a time. */
        public Builder together(int answers) {
            together = answers;
            return this;
        }

        /** What a request may ask for. */
        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        /** How much the engine of a model does at once. */
        public Builder engine(EngineSettings value) {
            engine = value;
            return this;
        }

        /**
         * How many tokens of texts that have ended each model keeps, so that texts that begin alike are not read again;
         * 0 for none. By default 8192, and none where there are several keys: how soon an answer comes would tell one
         * of what another has asked.
         */
        public Builder remembered(int tokens) {
            remembered = OptionalInt.of(tokens);
            return this;
        }

        private EngineSettings engine() {
            int tokens = remembered.orElse(keys.size() > 1 ? 0 : REMEMBERED);
            return tokens == 0 ? engine : engine.withCache(CacheKind.remembering(engine.cache(), tokens));
        }

        /** How models are loaded: precision, device. */
        public Builder request(LoadRequest value) {
            request = value;
            return this;
        }

        /** Hears how far downloads are. */
        public Builder listener(TransferListener hears) {
            listener = hears;
            return this;
        }

        private static boolean isLocal(String host) {
            return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
        }

        /**
         * Loads the models and listens.
         *
         * @throws JformersException if a model cannot be had, the address cannot, or others reach it without a key
         */
        public Server start() {
            if (!isLocal(host) && keys.isEmpty() && !insecure) {
                throw new JformersException("server: got the address " + host
                        + " without a key, allowed with one, or where everybody may come in (insecure)");
            }
            if (together < 1 || queue < 0 || remembered.orElse(0) < 0) {
                throw new JformersException("server: got " + together + " answers at a time, a queue of " + queue
                        + ", " + remembered.orElse(0) + " tokens to remember, allowed at least 1, 0 and 0");
            }
            Server server = new Server(this);
            server.start();
            return server;
        }
    }
}
