package org.jformers.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A model hub with one model, on two ports: the hub itself, and the storage host that it sends clients to for large
 * files, as the real one does. It can be told to misbehave.
 */
final class FakeHub implements AutoCloseable {
    static final String ID = "org/tiny";
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What came in. */
    record Request(String host, String method, String path, String authorization, String range, String ifRange) {}

    final Map<String, byte[]> files = new ConcurrentHashMap<>();
    final Set<String> large = ConcurrentHashMap.newKeySet();
    final Map<String, String> etags = new ConcurrentHashMap<>();
    final Map<String, String> revisions = new ConcurrentHashMap<>(Map.of("main", COMMIT, COMMIT, COMMIT));
    final List<Request> requests = new CopyOnWriteArrayList<>();

    /** Statuses that the next requests get instead of an answer. */
    final Queue<Integer> failures = new ConcurrentLinkedQueue<>();
    /** After how many bytes the next downloads break off. */
    final Queue<Integer> cuts = new ConcurrentLinkedQueue<>();
    /** What the storage sends instead of the file. */
    final Map<String, byte[]> forged = new ConcurrentHashMap<>();

    volatile String errorCode = "";
    volatile String requiredToken = "";
    volatile String moved = "";
    volatile boolean silent;
    volatile boolean rangeless;

    private final FakeServer hub = new FakeServer(exchange -> answer("hub", exchange));
    private final FakeServer storage = new FakeServer(exchange -> answer("storage", exchange));

    URI address() {
        return hub.address();
    }

    void put(String name, String content) {
        files.put(name, content.getBytes(StandardCharsets.UTF_8));
    }

    void putLarge(String name, byte[] content) {
        files.put(name, content);
        large.add(name);
    }

    /** Paths of the requests of a method, without what leads to the file. */
    List<String> asked(String method) {
        return requests.stream()
                .filter(request -> request.method().equals(method) && request.host().equals("hub"))
                .map(request -> request.path().replaceFirst(".*/resolve/", ""))
                .toList();
    }

    private void answer(String host, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        requests.add(new Request(host, exchange.getRequestMethod(), path, FakeServer.header(exchange, "Authorization"),
                FakeServer.header(exchange, "Range"), FakeServer.header(exchange, "If-Range")));
        Integer failure = failures.poll();
        if (failure != null) {
            exchange.sendResponseHeaders(failure, -1);
        } else if (host.equals("storage")) {
            String name = path.substring(1);
            exchange.getResponseHeaders().set("ETag", "\"storage-etag\"");
            send(exchange, name, forged.getOrDefault(name, files.get(name)));
        } else {
            resolve(exchange, path);
        }
    }

    private void resolve(HttpExchange exchange, String path) throws IOException {
        if (!moved.isEmpty() && path.startsWith("/" + moved + "/")) {
            exchange.getResponseHeaders().set("Location", path.replaceFirst(moved, ID));
            exchange.sendResponseHeaders(307, -1);
            return;
        }
        String[] parts = path.split("/", 6); // "", org, name, resolve, revision, file
        String commit = parts.length < 6 || !path.startsWith("/" + ID + "/resolve/")
                ? null
                : revisions.get(parts[4].replace("%2F", "/"));
        boolean allowed = requiredToken.isEmpty()
                || FakeServer.header(exchange, "Authorization").equals("Bearer " + requiredToken);
        if (commit == null || !allowed) {
            if (!errorCode.isEmpty()) {
                exchange.getResponseHeaders().set("X-Error-Code", errorCode);
            }
            exchange.sendResponseHeaders(allowed ? 404 : errorCode.equals("GatedRepo") ? 403 : 401, -1);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        String name = parts[5];
        byte[] content = files.get(name);
        if (content == null) {
            exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
            exchange.sendResponseHeaders(404, -1);
        } else if (large.contains(name)) {
            exchange.getResponseHeaders().set("X-Linked-Etag", '"' + etags.getOrDefault(name, sha256(content)) + '"');
            exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
            exchange.getResponseHeaders().set("Location", storage.address() + "/" + name + "?signature=secret");
            exchange.sendResponseHeaders(302, -1);
        } else {
            exchange.getResponseHeaders().set("ETag", '"' + etags.getOrDefault(name, gitHash(content)) + '"');
            send(exchange, name, forged.getOrDefault(name, content));
        }
    }

    private void send(HttpExchange exchange, String name, byte[] content) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(files.get(name).length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        String range = rangeless ? "" : FakeServer.header(exchange, "Range");
        int start = range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
        if (start >= content.length && start > 0) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (!range.isEmpty()) {
            exchange.getResponseHeaders().set(
                    "Content-Range", "bytes " + start + "-" + (content.length - 1) + "/" + content.length);
        }
        byte[] rest = Arrays.copyOfRange(content, start, content.length);
        exchange.sendResponseHeaders(range.isEmpty() ? 200 : 206, rest.length == 0 ? -1 : rest.length);
        Integer cut = cuts.poll();
        exchange.getResponseBody().write(rest, 0, cut == null ? rest.length : Math.min(cut, rest.length));
        exchange.getResponseBody().flush();
        while (silent) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    static String sha256(byte[] content) {
        return hash("SHA-256", content);
    }

    static String gitHash(byte[] content) {
        byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, whole, head.length, content.length);
        return hash("SHA-1", whole);
    }

    private static String hash(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        silent = false;
        hub.close();
        storage.close();
    }
}
