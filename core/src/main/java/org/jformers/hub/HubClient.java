package org.jformers.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * The hub's HTTP: what a file is (HEAD) and its bytes (GET). Redirects are followed by hand, for the token goes to the
 * endpoint and to no other host, and the answer that sends a client to a storage host is the one that describes the
 * file.
 *
 * <p>An {@link IOException} may be gone the next time, a {@link HubException} is the hub's answer.
 */
final class HubClient {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> TRY_AGAIN = Set.of(408, 429, 500, 502, 503, 504);
    private static final int MAX_HOPS = 10;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /**
     * What the hub says of a file.
     *
     * @param commit the commit that the revision stands at, where the hub tells
     * @param file the file; empty if the commit does not have it
     */
    record Answer(Optional<String> commit, Optional<RemoteFile> file) {}

    private final HubSettings settings;
    private final HttpClient http;

    HubClient(HubSettings settings) {
        this.settings = settings;
        http = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout())
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(new EnvironmentProxy(System.getenv()))
                .build();
    }

    /** What may work the next time. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException;
    }

    /** Tries as often as {@code attempts} allow, with growing pauses. */
    <T> T attempt(int attempts, Attempt<T> work) throws IOException {
        for (int failures = 1;; failures++) {
            try {
                return work.run();
            } catch (IOException e) {
                if (failures >= attempts) {
                    throw e;
                }
                pause(failures, e);
            }
        }
    }

    /** Asks what a file is, as often as {@code attempts} allow. */
    Answer head(ModelId id, String revision, String name, int attempts) throws IOException {
        return attempt(attempts, () -> head(id, revision, name));
    }

    private Answer head(ModelId id, String revision, String name) throws IOException {
        URI address = URI.create(settings.endpoint() + "/" + id.name() + "/resolve/"
                + Names.inAddress(revision).replace("/", "%2F") + "/" + Names.inAddress(name));
        Hops hops = follow("HEAD", address, 0, "");
        HttpResponse<TimedBody> response = hops.response;
        response.body().close();
        int status = response.statusCode();
        if (status == 404 && isMissingEntry(response, hops, revision)) {
            return new Answer(hops.commit, Optional.empty());
        }
        if (status != 200 && !REDIRECTS.contains(status)) {
            throw refused(id, name, response);
        }
        String etag = header(response, "X-Linked-Etag").or(() -> header(response, "ETag"))
                .orElseThrow(() -> noHub(address, "ETag"));
        OptionalLong size = number(header(response, "X-Linked-Size")
                .or(() -> status == 200 ? header(response, "Content-Length") : Optional.empty()));
        if (hops.commit.isEmpty()) {
            throw noHub(address, "X-Repo-Commit");
        }
        return new Answer(hops.commit, Optional.of(new RemoteFile(
                name, address, Etag.parse(etag, address.toString()),
                size.orElseThrow(() -> noHub(address, "Content-Length")))));
    }

    // A commit that was told before exists, so what is not found in it is the file.
    private static boolean isMissingEntry(HttpResponse<?> response, Hops hops, String revision) {
        Optional<String> code = header(response, "X-Error-Code");
        return code.isPresent()
                ? code.get().equals("EntryNotFound")
                : hops.commit.isPresent() || ModelId.isCommit(revision);
    }

    /** Asks for the bytes of a file from an offset on. Answers 200 with all bytes or 206 with those asked for. */
    HttpResponse<TimedBody> get(ModelId id, RemoteFile file, long offset) throws IOException {
        HttpResponse<TimedBody> response =
                follow("GET", file.address(), offset, file.etag().strong() ? file.etag().value() : "").response;
        int status = response.statusCode();
        boolean good = status == 200 || status == 206 && offset > 0;
        if (!good || !header(response, "Content-Encoding").orElse("identity").equals("identity")) {
            response.body().close();
            if (status == 416) {
                throw new StaleRangeException("the host has no bytes from " + offset + " on");
            }
            throw good
                    ? new HubException(file.address() + ": got a compressed file, allowed the file itself")
                    : refused(id, file.name(), response);
        }
        return response;
    }

    /** The part of a file that is here is no beginning of the file that the hub has. */
    static final class StaleRangeException extends IOException {
        private static final long serialVersionUID = 1L;

        StaleRangeException(String message) {
            super(message);
        }
    }

    /** The last answer of a chain of redirects, and the commit that any of them told. */
    private record Hops(HttpResponse<TimedBody> response, Optional<String> commit) {}

    private Hops follow(String method, URI start, long offset, String etag) throws IOException {
        URI address = start;
        Optional<String> commit = Optional.empty();
        for (int hop = 0; hop < MAX_HOPS; hop++) {
            HttpResponse<TimedBody> response = send(request(method, address, offset, etag));
            Optional<String> told = header(response, "X-Repo-Commit").filter(ModelId::isCommit);
            commit = told.isPresent() ? told : commit;
            Optional<String> location = header(response, "Location");
            if (!REDIRECTS.contains(response.statusCode()) || location.isEmpty()) {
                return new Hops(response, commit);
            }
            URI target = target(address, location.get());
            if (method.equals("HEAD") && commit.isPresent() && !isOwn(target)) {
                return new Hops(response, commit);
            }
            response.body().close();
            address = target;
        }
        throw new HubException(start + ": redirected more than " + MAX_HOPS + " times");
    }

    static URI target(URI from, String location) {
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new HubException(from + ": redirects to " + Names.quote(location) + ", allowed an address", e);
        }
        boolean safe = "https".equals(target.getScheme())
                || "http".equals(target.getScheme()) && "http".equals(from.getScheme());
        if (!safe || target.getHost() == null) {
            throw new HubException(from + ": redirects to " + Names.quote(withoutQuery(target))
                    + ", allowed https" + (from.getScheme().equals("http") ? " or http" : ""));
        }
        return target;
    }

    private HttpRequest request(String method, URI address, long offset, String etag) {
        HttpRequest.Builder request = to(address)
                .method(method, BodyPublishers.noBody())
                .timeout(settings.timeout())
                .header("Accept-Encoding", "identity"); // sizes and offsets are those of the file
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        // A storage host calls the same content by another name; there, the hash has to do.
        if (isOwn(address) && offset > 0 && !etag.isEmpty()) {
            request.header("If-Range", '"' + etag + '"');
        }
        return request.build();
    }

    /** Begins a request. The token goes along where the address is the endpoint's own. */
    HttpRequest.Builder to(URI address) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).header("User-Agent", "jformers");
        if (isOwn(address)) {
            settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        return request;
    }

    /** Sends a question. */
    HttpResponse<TimedBody> send(HttpRequest request) throws IOException {
        try {
            return settled(request, http.send(request, head -> new TimedBody(settings.timeout())));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Sends a body, which may take long: it is given up when for six timeouts no byte went out and no answer came,
     * since a hub may think a while about what it got.
     *
     * @param gone how many bytes went out
     */
    HttpResponse<TimedBody> send(HttpRequest request, LongSupplier gone) throws IOException {
        CompletableFuture<HttpResponse<TimedBody>> answer =
                http.sendAsync(request, head -> new TimedBody(settings.timeout()));
        Duration patience = settings.timeout().multipliedBy(6);
        for (long before = -1;;) {
            try {
                return settled(request, answer.get(patience.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                long now = gone.getAsLong();
                if (now == before) {
                    answer.cancel(true);
                    throw new HttpTimeoutException("nothing went out for " + patience.toSeconds() + " seconds");
                }
                before = now;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
            } catch (InterruptedException e) {
                answer.cancel(true);
                throw interrupted(e);
            }
        }
    }

    private static HttpResponse<TimedBody> settled(HttpRequest request, HttpResponse<TimedBody> response)
            throws IOException {
        if (TRY_AGAIN.contains(response.statusCode())) {
            response.body().close();
            throw new TryAgainException(
                    request.uri().getHost() + " answers " + response.statusCode(),
                    Duration.ofSeconds(number(header(response, "Retry-After")).orElse(0)));
        }
        return response;
    }

    /** Waits before the next attempt, unless none can help. */
    void pause(int failures, IOException failure) throws IOException {
        if (failure instanceof SSLHandshakeException || isUnresolved(failure)) {
            throw failure;
        }
        Duration pause = settings.pause().multipliedBy(1L << Math.min(failures - 1, 20));
        if (failure instanceof TryAgainException later && later.after().compareTo(pause) > 0) {
            pause = later.after();
        }
        try {
            Thread.sleep(Math.min(pause.toMillis(), LONGEST_PAUSE.toMillis()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static boolean isUnresolved(@Nullable Throwable failure) {
        return failure != null && (failure instanceof UnresolvedAddressException || isUnresolved(failure.getCause()));
    }

    /** What a failure of the network says, in a few words. */
    static String reason(IOException failure) {
        if (isUnresolved(failure)) {
            return "the host is unknown";
        }
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure instanceof ConnectException ? "no connection" : failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    static HubException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HubException("the transfer was interrupted", e);
    }

    private HubException refused(ModelId id, String file, HttpResponse<?> response) {
        int status = response.statusCode();
        String code = header(response, "X-Error-Code").orElse("");
        String what = "model " + id + ", " + file + ": " + response.uri().getHost() + " answers " + status + ", ";
        boolean anonymous = settings.token().isEmpty();
        if (code.equals("GatedRepo")) {
            return new HubException(what + "the model is gated: accept its terms at " + settings.endpoint() + "/"
                    + id.name() + (anonymous ? " and set HF_TOKEN" : " with the account of HF_TOKEN"));
        }
        if (code.equals("RevisionNotFound")) {
            return new HubException(what + "the model has no revision " + Names.quote(id.revision()));
        }
        if (status == 401 || status == 403 || status == 404) {
            String missing = status == 403 ? "access is denied" : "there is no such model";
            return new HubException(what + missing + (anonymous
                    ? ", or it is private and needs HF_TOKEN"
                    : ", or the account of HF_TOKEN may not read it"));
        }
        return new HubException(what + "allowed 200");
    }

    private HubException noHub(URI address, String header) {
        return new HubException(address + ": got an answer without " + header
                + ", so it is no model hub; check HF_ENDPOINT and the proxy");
    }

    /** Whether an address is the endpoint's own, by scheme, host and port. */
    private boolean isOwn(URI address) {
        URI own = settings.endpoint();
        return own.getScheme().equals(address.getScheme()) && own.getHost().equalsIgnoreCase(address.getHost())
                && port(own) == port(address);
    }

    private static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
    }

    /** A signed address carries a secret in its query. */
    private static String withoutQuery(URI address) {
        return address.toString().replaceFirst("\\?.*", "");
    }

    static Optional<String> header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name);
    }

    private static OptionalLong number(Optional<String> text) {
        return text.filter(value -> value.matches("[0-9]{1,18}")).stream().mapToLong(Long::parseLong).findFirst();
    }
}
