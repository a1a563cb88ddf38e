package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Asks a server as any client does. */
final class Client {
    private static final JsonMapper JSON = new JsonMapper();

    private final String url;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String[] headers;

    Client(Server server, String... headers) {
        url = server.url();
        this.headers = headers;
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
        return headers.length == 0 ? request : request.headers(headers);
    }

    HttpRequest posted(String path, String body) {
        return request(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> post(String path, String body) {
        return send(posted(path, body));
    }

    HttpResponse<String> get(String path) {
        return send(request(path).GET().build());
    }

    /** The answer to a request that must be fine. */
    JsonNode ok(String path, String body) {
        HttpResponse<String> response = post(path, body);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return tree(response.body());
    }

    /** The events of a stream, the last one aside, which must be {@code [DONE]}. */
    List<JsonNode> events(String path, String body) {
        return events(post(path, body).body());
    }

    static List<JsonNode> events(String stream) {
        List<String> data = new ArrayList<>(stream.lines().filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6)).toList());
        if (!data.remove(data.size() - 1).equals("[DONE]")) {
            throw new AssertionError("a stream that is not done: " + stream);
        }
        return data.stream().map(Client::tree).toList();
    }

    /** The lines of a stream as they come. */
    HttpResponse<Stream<String>> lines(String path, String body) throws IOException, InterruptedException {
        return http.send(posted(path, body), HttpResponse.BodyHandlers.ofLines());
    }

    HttpClient http() {
        return http;
    }

    static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
