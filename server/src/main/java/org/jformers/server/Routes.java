package org.jformers.server;

import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jformers.pipeline.call.CalledTasks;

/** All routes of a server. There is no other way in: each says who may use it. */
final class Routes {
    /** All routes in OpenAPI's words; a test holds it to them. */
    private static final byte[] DESCRIPTION = description();

    private Routes() {}

    private static byte[] description() {
        try (InputStream in = Objects.requireNonNull(Routes.class.getResourceAsStream("openapi.json"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the administrator may ask for, by the name of a model. */
    record Administration(Consumer<String> load, Consumer<String> unload) {}

    /**
     * What the server keeps or follows besides models; each may be missing.
     *
     * @param alone whether there are no models, so that runs are where pages start
     */
    record Kept(Optional<Documents> documents, Optional<Runs> runs, boolean alone) {}

    static List<Route> of(Api api, Door door, Kept kept, Administration administration) {
        List<Route> routes = new ArrayList<>();
        open(routes, api, door);
        openAi(routes, api);
        kept.documents().ifPresent(documents -> documents(routes, new DocumentRoutes(api, documents)));
        kept.runs().ifPresent(runs -> runs(routes, new RunRoutes(api, runs), kept.alone()));
        TokenRoutes tokens = new TokenRoutes(api);
        PipelineRoutes pipelines = new PipelineRoutes(api);
        routes.add(post("/tokenize", tokens::tokenize));
        routes.add(post("/detokenize", tokens::detokenize));
        routes.add(post("/forward", pipelines::forward));
        for (String task : CalledTasks.names()) {
            routes.add(post("/pipelines/" + task, exchange -> pipelines.pipeline(exchange, task)));
        }
        looks(routes, new LookRoutes(api));
        routes.add(get("/openapi.json", exchange -> exchange.reply(200, "application/json", DESCRIPTION)));
        routes.add(get("/metrics", exchange -> exchange.reply(200, "text/plain; version=0.0.4; charset=utf-8",
                api.telemetry().scrape(api.models()).getBytes(StandardCharsets.UTF_8))));
        routes.add(admin("/admin/load", api, administration.load()));
        routes.add(admin("/admin/unload", api, administration.unload()));
        return List.copyOf(routes);
    }

    private static void open(List<Route> routes, Api api, Door door) {
        routes.add(new Route(HandlerType.GET, "/health", Route.Access.OPEN,
                exchange -> api.reply(exchange, Json.object().put("status", "ok"))));
        routes.add(new Route(HandlerType.GET, "/ready", Route.Access.OPEN, exchange -> {
            if (door.ending() || !api.models().all().stream().allMatch(ServedModel::alive)) {
                throw new ApiException(ApiException.Kind.ENDING, "server: takes no requests");
            }
            api.reply(exchange, Json.object().put("status", "ready"));
        }));
    }

    private static void openAi(List<Route> routes, Api api) {
        ModelRoutes models = new ModelRoutes(api);
        VectorRoutes vectors = new VectorRoutes(api);
        routes.add(post("/v1/chat/completions", new ChatRoute(api)::answer));
        routes.add(post("/v1/completions", new CompletionRoute(api)::answer));
        routes.add(post("/v1/responses", new ResponsesRoute(api)::answer));
        routes.add(post("/v1/embeddings", vectors::embeddings));
        routes.add(post("/v1/rerank", vectors::rerank));
        routes.add(get("/v1/models", models::list));
        routes.add(get("/v1/models/<name>", exchange -> models.one(exchange, exchange.http().pathParam("name"))));
    }

    private static void looks(List<Route> routes, LookRoutes looks) {
        routes.add(post("/look", looks::look));
        routes.add(post("/look/attention", looks::attention));
        routes.add(post("/look/masks", looks::masks));
        routes.add(post("/look/mask", looks::mask));
    }

    private static void runs(List<Route> routes, RunRoutes runs, boolean alone) {
        if (alone) {
            routes.add(new Route(HandlerType.GET, "/", Route.Access.OPEN,
                    exchange -> exchange.http().redirect("runs.html")));
        }
        routes.add(get("/runs", runs::list));
        routes.add(get("/runs/metrics", runs::metrics));
    }

    private static void documents(List<Route> routes, DocumentRoutes documents) {
        String one = "/documents/{id}";
        routes.add(post("/documents", documents::add));
        routes.add(get(one, exchange -> documents.get(exchange, exchange.http().pathParam("id"))));
        routes.add(new Route(HandlerType.PUT, one, Route.Access.KEY,
                exchange -> documents.put(exchange, exchange.http().pathParam("id"))));
    }

    private static Route get(String path, Route.Work work) {
        return new Route(HandlerType.GET, path, Route.Access.KEY, work);
    }

    private static Route post(String path, Route.Work work) {
        return new Route(HandlerType.POST, path, Route.Access.KEY, work);
    }

    private static Route admin(String path, Api api, Consumer<String> work) {
        return new Route(HandlerType.POST, path, Route.Access.ADMIN, exchange -> {
            Fields fields = exchange.fields(api.json());
            String model = fields.requireText("model");
            fields.requireNothingElse();
            work.accept(model);
            api.reply(exchange, Json.object().put("model", model));
        });
    }
}
