package org.jformers.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the hub answers in JSON: repositories, their files, commits.
 *
 * <p>An {@link IOException} may be gone the next time, a {@link HubException} is the hub's answer.
 */
final class HubApi {
    static final JsonMapper JSON = new JsonMapper();
    /** The type of a request in JSON. */
    static final String JSON_TYPE = "application/json";

    private static final int MAX_ANSWER = 64 << 20;
    private static final int MAX_PAGES = 1000;
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"next\"");

    private final HubSettings settings;
    private final HubClient client;
    private final ModelId id;

    HubApi(HubSettings settings, HubClient client, ModelId id) {
        this.settings = settings;
        this.client = client;
        this.id = id;
    }

    /** An answer. */
    record Reply(int status, JsonNode body, Optional<URI> next) {
        boolean isGood() {
            return status >= 200 && status < 300;
        }
    }

    /** The address of something that belongs to the model at its revision. */
    URI address(String what) {
        return URI.create(settings.endpoint() + "/api/models/" + id.name() + "/" + what + "/"
                + Names.inAddress(id.revision()).replace("/", "%2F"));
    }

    /** All files at the revision, in the order of the hub. */
    List<HubFile> files() throws IOException {
        List<HubFile> files = new ArrayList<>();
        entries(entry -> files.add(new HubFile(entry.path("path").asText(), entry.path("size").asLong())));
        return files;
    }

    /** The hash that the listing has for a file: of a large one its SHA-256, of a small one git's. */
    Optional<Etag> hash(String path) throws IOException {
        List<Etag> found = new ArrayList<>();
        entries(entry -> {
            if (entry.path("path").asText().equals(path)) {
                found.add(new Etag(entry.path("lfs").path("oid").asText(entry.path("oid").asText()), true));
            }
        });
        return found.stream().filter(Etag::isHash).findFirst();
    }

    private void entries(Consumer<JsonNode> taker) throws IOException {
        Optional<URI> page = Optional.of(URI.create(address("tree") + "?recursive=true"));
        for (int pages = 0; page.isPresent(); pages++) {
            if (pages == MAX_PAGES) {
                throw new HubException("files of " + id + ": got more than " + MAX_PAGES + " pages from "
                        + settings.endpoint());
            }
            Reply reply = get(page.get());
            for (JsonNode entry : require(reply)) {
                if (entry.path("type").asText().equals("file")) {
                    taker.accept(entry);
                }
            }
            page = reply.next();
        }
    }

    /** The commit that the revision stands at. */
    HubCommit head() throws IOException {
        return commit(require(get(address("revision"))).path("sha").asText());
    }

    /** The commit of a hash that the hub told. */
    HubCommit commit(String hash) {
        if (!ModelId.isCommit(hash)) {
            throw new HubException("model " + id + ": got commit " + Names.quote(hash)
                    + " from the hub, allowed 40 hex digits");
        }
        return new HubCommit(hash, URI.create(settings.endpoint() + "/" + id.name() + "/commit/" + hash));
    }

    /** Asks as often as the settings allow. */
    Reply get(URI address) throws IOException {
        HttpRequest request = client.to(address).timeout(settings.timeout()).build();
        return client.attempt(settings.attempts(), () -> reply(client.send(request)));
    }

    /** Sends JSON as often as the settings allow. */
    Reply post(URI address, String type, JsonNode body) throws IOException {
        BodyPublisher text = BodyPublishers.ofString(body.toString());
        HttpRequest request =
                client.to(address).header("Content-Type", type).header("Accept", type).POST(text).build();
        return client.attempt(settings.attempts(), () -> reply(client.send(request, () -> 0)));
    }

    /** Sends lines of JSON, once: what did not answer may have been done. */
    Reply postOnce(URI address, BodyPublisher lines) throws IOException {
        HttpRequest request = client.to(address)
                .header("Content-Type", "application/x-ndjson").header("Accept", JSON_TYPE).POST(lines).build();
        return reply(client.send(request, () -> 0));
    }

    private Reply reply(HttpResponse<TimedBody> response) throws IOException {
        Optional<URI> next = HubClient.header(response, "Link").map(NEXT::matcher).filter(Matcher::find)
                .map(link -> HubClient.target(response.uri(), link.group(1)));
        return new Reply(response.statusCode(), json(response), next);
    }

    // Refusals may come in any form, or without a body.
    private static JsonNode json(HttpResponse<TimedBody> response) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (TimedBody body = response.body()) {
            for (Optional<List<ByteBuffer>> some = body.next(); some.isPresent(); some = body.next()) {
                for (ByteBuffer buffer : some.get()) {
                    byte[] bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                    all.write(bytes);
                }
                if (all.size() > MAX_ANSWER) {
                    throw new HubException(response.uri() + ": answers more than " + MAX_ANSWER + " bytes");
                }
            }
            return JSON.readTree(all.toByteArray());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        } catch (InterruptedException e) {
            throw HubClient.interrupted(e);
        }
    }

    /** Requires a good answer, with whatever body. */
    void good(Reply reply) {
        if (!reply.isGood()) {
            throw refused(reply);
        }
    }

    /** The body of a good answer. */
    JsonNode require(Reply reply) {
        good(reply);
        if (reply.body().isMissingNode()) {
            throw new HubException("model " + id + ": got an answer that is no JSON from " + settings.endpoint()
                    + ", so it is no model hub; check HF_ENDPOINT and the proxy");
        }
        return reply.body();
    }

    private HubException refused(Reply reply) {
        String said = reply.body().path("error").asText();
        String hint = switch (reply.status()) {
            case 401, 403 -> settings.token().isEmpty()
                    ? ", which needs a token: set HF_TOKEN"
                    : ", so the account of HF_TOKEN may not do it";
            case 404 -> ", so there is no such model, or no such revision";
            default -> "";
        };
        return new HubException("model " + id + ": " + settings.endpoint().getHost() + " answers " + reply.status()
                + (said.isEmpty() ? "" : " (" + Names.quote(said) + ")") + hint);
    }
}
