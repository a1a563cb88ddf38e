package org.jformers.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A hub that takes one model: repository, git-lfs with a storage of its own, commits. */
final class FakeUploads implements AutoCloseable {
    static final String ID = "org/new";
    static final String TOKEN = "hf_write";

    private static final JsonMapper JSON = new JsonMapper();
    static final int PAGE = 2;

    /** What came in: {@code hub POST /api/repos/create}, and the token that came along. */
    record Request(String call, String authorization) {}

    final List<Request> requests = new CopyOnWriteArrayList<>();
    /** What commits brought, by path. */
    final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
    /** Heads of commits, as they came. */
    final List<JsonNode> heads = new CopyOnWriteArrayList<>();
    /** Content of the storage by its hash. */
    final Map<String, byte[]> stored = new ConcurrentHashMap<>();
    /** Statuses that the next requests to the storage get instead of an answer. */
    final Queue<Integer> storageFailures = new ConcurrentLinkedQueue<>();

    volatile boolean exists;
    volatile String visibility = "";
    volatile long partLength = Long.MAX_VALUE;
    volatile boolean deaf;

    private final Map<String, Map<Integer, byte[]>> parts = new ConcurrentHashMap<>();
    private final FakeServer hub = new FakeServer(exchange -> answer("hub", exchange));
    private final FakeServer storage = new FakeServer(exchange -> answer("storage", exchange));

    URI address() {
        return hub.address();
    }

    /** The calls that came in, without those of the storage. */
    List<String> calls() {
        return requests.stream().map(Request::call).filter(call -> call.startsWith("hub ")).toList();
    }

    private void answer(String host, HttpExchange exchange) throws IOException {
        String token = FakeServer.header(exchange, "Authorization");
        String path = exchange.getRequestURI().getPath();
        String call = exchange.getRequestMethod() + " " + path;
        requests.add(new Request(host + " " + call, token));
        if (host.equals("storage")) {
            store(exchange, path.substring(1).split("/"));
            return;
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!("Bearer " + TOKEN).equals(token)) {
            send(exchange, 403, JSON.createObjectNode().put("error", "Forbidden: no write token"));
            return;
        }
        switch (call) {
            case "GET /api/models/" + ID -> send(exchange, exists ? 200 : 404, JSON.createObjectNode());
            case "GET /api/models/" + ID + "/revision/main" -> send(exchange, 200, sha());
            case "GET /api/models/" + ID + "/tree/main" -> tree(exchange);
            case "POST /api/repos/create" -> {
                JsonNode asked = JSON.readTree(body);
                exists = asked.path("organization").asText().equals("org") && asked.path("name").asText().equals("new");
                visibility = asked.path("visibility").asText();
                send(exchange, exists ? 200 : 400, JSON.createObjectNode());
            }
            case "POST /api/models/" + ID + "/preupload/main" -> preupload(exchange, JSON.readTree(body));
            case "POST /" + ID + ".git/info/lfs/objects/batch" -> batch(exchange, JSON.readTree(body));
            case "POST /complete" -> complete(exchange, JSON.readTree(body));
            case "POST /verify" -> {
                JsonNode asked = JSON.readTree(body);
                byte[] content = stored.get(asked.path("oid").asText());
                boolean whole = content != null && content.length == asked.path("size").asLong();
                send(exchange, whole ? 200 : 404, JSON.createObjectNode());
            }
            case "POST /api/models/" + ID + "/commit/main" -> commit(exchange, body);
            default -> send(exchange, 404, JSON.createObjectNode().put("error", "Not found"));
        }
    }

    private static ObjectNode sha() {
        return JSON.createObjectNode().put("sha", FakeHub.COMMIT);
    }

    private void tree(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        int from = query.contains("cursor=") ? Integer.parseInt(query.replaceFirst(".*cursor=", "")) : 0;
        List<Map.Entry<String, byte[]>> all = List.copyOf(files.entrySet());
        ArrayNode page = JSON.createArrayNode();
        page.addObject().put("type", "directory").put("path", "folder");
        all.subList(from, Math.min(from + PAGE, all.size())).forEach(file -> page.addObject()
                .put("type", "file").put("path", file.getKey()).put("size", file.getValue().length));
        if (from + PAGE < all.size()) {
            exchange.getResponseHeaders().set("Link", "<" + address() + exchange.getRequestURI().getPath()
                    + "?recursive=true&cursor=" + (from + PAGE) + ">; rel=\"next\"");
        }
        send(exchange, 200, page);
    }

    private void preupload(HttpExchange exchange, JsonNode asked) throws IOException {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode told = answer.putArray("files");
        for (JsonNode file : asked.path("files")) {
            String path = file.path("path").asText();
            boolean large = path.endsWith(".safetensors");
            ObjectNode one = told.addObject().put("path", path).put("uploadMode", large ? "lfs" : "regular")
                    .put("shouldIgnore", path.endsWith(".log"));
            byte[] here = files.get(path);
            if (here != null) {
                one.put("oid", large ? FakeHub.sha256(here) : FakeHub.gitHash(here));
            }
        }
        send(exchange, 200, answer);
    }

    private void batch(HttpExchange exchange, JsonNode asked) throws IOException {
        ObjectNode answer = JSON.createObjectNode().put("transfer", "basic");
        ArrayNode objects = answer.putArray("objects");
        for (JsonNode object : asked.path("objects")) {
            String hash = object.path("oid").asText();
            long size = object.path("size").asLong();
            ObjectNode one = objects.addObject().put("oid", hash).put("size", size);
            if (stored.containsKey(hash)) {
                continue;
            }
            ObjectNode actions = one.putObject("actions");
            ObjectNode upload = actions.putObject("upload");
            if (size > partLength) {
                ObjectNode header = upload.put("href", address() + "/complete").putObject("header");
                header.put("chunk_size", Long.toString(partLength));
                for (int part = 1; (part - 1) * partLength < size; part++) {
                    header.put(String.format("%05d", part), storage.address() + "/" + hash + "/" + part);
                }
            } else {
                upload.put("href", storage.address() + "/" + hash);
            }
            actions.putObject("verify").put("href", address() + "/verify");
        }
        send(exchange, 200, answer);
    }

    private void store(HttpExchange exchange, String[] name) throws IOException {
        Integer failure = storageFailures.poll();
        if (failure != null) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(failure, -1);
            return;
        }
        while (deaf) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                return;
            }
        }
        byte[] content = exchange.getRequestBody().readAllBytes();
        boolean sized = exchange.getRequestHeaders().getFirst("Content-Length") != null;
        if (name.length == 1) {
            stored.put(name[0], content);
        } else {
            parts.computeIfAbsent(name[0], key -> new TreeMap<>()).put(Integer.parseInt(name[1]), content);
            exchange.getResponseHeaders().set("ETag", "\"part-" + name[1] + "\"");
        }
        exchange.sendResponseHeaders(sized ? 200 : 411, -1);
    }

    private void complete(HttpExchange exchange, JsonNode asked) throws IOException {
        Map<Integer, byte[]> sent = parts.get(asked.path("oid").asText());
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (JsonNode part : asked.path("parts")) {
            int number = part.path("partNumber").asInt();
            if (!part.path("etag").asText().equals("\"part-" + number + "\"")) {
                send(exchange, 400, JSON.createObjectNode());
                return;
            }
            whole.write(sent.get(number));
        }
        stored.put(asked.path("oid").asText(), whole.toByteArray());
        send(exchange, 200, JSON.createObjectNode());
    }

    private void commit(HttpExchange exchange, byte[] body) throws IOException {
        for (String line : new String(body, StandardCharsets.UTF_8).split("\n")) {
            JsonNode entry = JSON.readTree(line);
            JsonNode value = entry.path("value");
            String path = value.path("path").asText();
            switch (entry.path("key").asText()) {
                case "header" -> heads.add(value);
                case "file" -> files.put(path, Base64.getDecoder().decode(value.path("content").asText()));
                case "lfsFile" -> files.put(path, stored.get(value.path("oid").asText()));
                default -> throw new IllegalStateException(line);
            }
        }
        send(exchange, 200, JSON.createObjectNode().put("success", true).put("commitOid", FakeHub.COMMIT));
    }

    private static void send(HttpExchange exchange, int status, JsonNode answer) throws IOException {
        byte[] text = answer.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, text.length);
        exchange.getResponseBody().write(text);
    }

    @Override
    public void close() {
        deaf = false;
        hub.close();
        storage.close();
    }
}
