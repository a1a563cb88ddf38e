package org.jformers.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * The storage of large files behind a repository. Source: the batch API of git-lfs; its transfer {@code multipart}, by
 * which the hub takes large files in parts, as huggingface_hub 1.33 uses it.
 */
final class LargeFiles {
    private static final int AT_ONCE = 4;
    private static final String TYPE = "application/vnd.git-lfs+json";

    private final HubSettings settings;
    private final HubClient client;
    private final HubApi api;
    private final ModelId id;
    private final TransferListener listener;
    private final URI batch;

    LargeFiles(HubSettings settings, HubClient client, ModelId id, TransferListener listener) {
        this.settings = settings;
        this.client = client;
        this.id = id;
        this.listener = listener;
        api = new HubApi(settings, client, id);
        batch = URI.create(settings.endpoint() + "/" + id.name() + ".git/info/lfs/objects/batch");
    }

    /**
     * Content that goes up.
     *
     * @param hash its SHA-256
     * @param path what the repository calls it
     */
    record Content(String hash, String path, Path file, long size) {}

    /** Brings contents into the storage, except those that it has. */
    void store(List<Content> contents) throws IOException {
        if (contents.isEmpty()) {
            return;
        }
        Map<String, JsonNode> actions = actions(contents);
        // Equal files are one content.
        List<Content> wanted = List.copyOf(contents.stream()
                .filter(content -> actions.containsKey(content.hash()))
                .collect(Collectors.toMap(Content::hash, content -> content, (first, same) -> first, TreeMap::new))
                .values());
        long total = wanted.stream().mapToLong(Content::size).sum();
        Map<String, Long> gone = new ConcurrentHashMap<>();
        try {
            Parallel.run(AT_ONCE, wanted, content ->
                    store(content, Objects.requireNonNull(actions.get(content.hash())), bytes -> {
                gone.put(content.hash(), bytes);
                listener.progress(
                        content.path(), gone.values().stream().mapToLong(Long::longValue).sum(), total);
            }));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** What is to be done with each content that the storage lacks. */
    private Map<String, JsonNode> actions(List<Content> contents) throws IOException {
        ObjectNode question = HubApi.JSON.createObjectNode().put("operation", "upload").put("hash_algo", "sha256");
        question.putArray("transfers").add("basic").add("multipart");
        question.putObject("ref").put("name", id.revision());
        ArrayNode objects = question.putArray("objects");
        contents.forEach(content -> objects.addObject().put("oid", content.hash()).put("size", content.size()));
        Map<String, JsonNode> actions = new HashMap<>();
        for (JsonNode answer : api.require(api.post(batch, TYPE, question)).path("objects")) {
            if (answer.has("error")) {
                throw new HubException("model " + id + ": the storage refuses a file, "
                        + Names.quote(answer.path("error").path("message").asText()));
            }
            if (answer.has("actions")) {
                actions.put(answer.path("oid").asText(), answer.path("actions"));
            }
        }
        return actions;
    }

    private void store(Content content, JsonNode actions, LongConsumer gone) {
        try {
            JsonNode upload = actions.path("upload");
            URI address = HubClient.target(batch, upload.path("href").asText());
            if (upload.path("header").has("chunk_size")) {
                api.good(api.post(address, TYPE, inParts(content, upload.path("header"), gone)));
            } else {
                put(address, content, 0, content.size(), gone);
            }
            if (actions.has("verify")) {
                URI verify = HubClient.target(batch, actions.path("verify").path("href").asText());
                api.good(api.post(verify, HubApi.JSON_TYPE, HubApi.JSON.createObjectNode()
                        .put("oid", content.hash()).put("size", content.size())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends a file in parts of equal size, but for the last one.
     *
     * @param header the size, and the addresses, numbered from 1 on
     * @return what tells the storage that all parts are there
     */
    private ObjectNode inParts(Content content, JsonNode header, LongConsumer gone) throws IOException {
        Map<Integer, String> addresses = new TreeMap<>();
        header.properties().forEach(field -> {
            if (field.getKey().matches("[0-9]{1,9}")) {
                addresses.put(Integer.parseInt(field.getKey()), field.getValue().asText());
            }
        });
        long length = header.path("chunk_size").asLong();
        if (length < 1 || addresses.size() != (content.size() + length - 1) / length) {
            throw new HubException("model " + id + ": got " + addresses.size() + " addresses for parts of " + length
                    + " bytes, allowed one for each part of " + Names.quote(content.path()) + " of "
                    + content.size() + " bytes");
        }
        ObjectNode completion = HubApi.JSON.createObjectNode().put("oid", content.hash());
        ArrayNode parts = completion.putArray("parts");
        for (String address : addresses.values()) {
            long start = parts.size() * length;
            String etag = put(HubClient.target(batch, address), content, start,
                    Math.min(length, content.size() - start), bytes -> gone.accept(start + bytes));
            int number = parts.size() + 1;
            parts.addObject().put("partNumber", number).put("etag", etag);
        }
        return completion;
    }

    /** Sends a part of a file and returns the storage's name for it. */
    private String put(URI address, Content content, long start, long length, LongConsumer gone) throws IOException {
        AtomicLong sent = new AtomicLong();
        LongConsumer both = bytes -> {
            sent.set(bytes);
            gone.accept(bytes);
        };
        return client.attempt(settings.attempts(), () -> {
            var slice = BodyPublishers.ofInputStream(() -> slice(content.file(), start, length, both));
            // The address is signed; a token beside the signature would be one too many.
            HttpRequest request = HttpRequest.newBuilder(address)
                    .header("User-Agent", "jformers")
                    .PUT(BodyPublishers.fromPublisher(slice, length))
                    .build();
            HttpResponse<TimedBody> response = client.send(request, sent::get);
            response.body().close();
            if (response.statusCode() / 100 != 2) {
                throw new HubException("model " + id + ", " + content.path() + ": " + address.getHost() + " answers "
                        + response.statusCode() + ", allowed 200");
            }
            return HubClient.header(response, "ETag").orElse("");
        });
    }

    private static InputStream slice(Path file, long start, long length, LongConsumer gone) {
        try {
            return new FileSlice(file, start, length, gone);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
