package org.jformers.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the hub and its cache are, and how to behave. The variables are those of Python's huggingface_hub.
 *
 * @param cache folder of the cache
 * @param endpoint address of the hub
 * @param token sent to the endpoint and to nobody else; never printed
 * @param access whether the network may be used
 * @param links how a snapshot names its blobs
 * @param timeout how long to wait for a connection, for an answer, and for the next bytes
 * @param attempts how often to try what may work the next time
 * @param pause wait before the second try; doubles with each further one
 */
public record HubSettings(
        Path cache, URI endpoint, Optional<String> token, Access access, Links links, Duration timeout, int attempts,
        Duration pause) {

    /** Whether the network may be used. */
    public enum Access {
        ONLINE,
        /** No connection is opened. */
        OFFLINE
    }

    /** How a snapshot names its blobs. */
    public enum Links {
        /** Symbolic links; hard links or copies on file systems that have none. */
        SYMBOLIC,
        /** Hard links; copies on file systems that have none. */
        HARD
    }

    /** @throws HubException if there are no attempts or the endpoint is no address of the web */
    public HubSettings {
        if (attempts < 1) {
            throw new HubException("attempts: got " + attempts + ", allowed at least 1");
        }
        boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        if (!web || endpoint.getHost() == null || endpoint.getQuery() != null || endpoint.getFragment() != null) {
            throw new HubException("HF_ENDPOINT: got " + Names.quote(endpoint.toString())
                    + ", allowed an address that begins with https:// or http://");
        }
        // The JDK's own complaint about a header would repeat the token.
        if (token.isPresent() && !token.get().matches("[!-~]+")) {
            throw new HubException(
                    "HF_TOKEN: got a value with blanks, line ends or letters beyond ASCII, allowed a token");
        }
    }

    /** What the environment says. */
    public static HubSettings fromEnvironment() {
        return fromEnvironment(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * What an environment says.
     *
     * @throws HubException if a variable has a value that it cannot have, or the file of the token cannot be read
     */
    static HubSettings fromEnvironment(Map<String, String> environment, Path userHome) {
        Variables variables = new Variables(environment, userHome);
        Path caches = variables.path("XDG_CACHE_HOME").orElse(userHome.resolve(".cache"));
        Path home = variables.path("HF_HOME").orElse(caches.resolve("huggingface"));
        Path cache = variables.path("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE").orElse(home.resolve("hub"));
        return new HubSettings(
                cache.toAbsolutePath().normalize(),
                variables.address("HF_ENDPOINT").orElse(URI.create("https://huggingface.co")),
                variables.token(home),
                variables.isOn("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") ? Access.OFFLINE : Access.ONLINE,
                variables.isOn("HF_HUB_DISABLE_SYMLINKS") ? Links.HARD : Links.SYMBOLIC,
                variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT").orElse(Duration.ofSeconds(10)),
                5,
                Duration.ofSeconds(1));
    }

    /** The same with another access. */
    public HubSettings with(Access other) {
        return new HubSettings(cache, endpoint, token, other, links, timeout, attempts, pause);
    }

    /** All but the token. */
    @Override
    public String toString() {
        return "HubSettings[cache=" + cache + ", endpoint=" + endpoint + ", token="
                + (token.isPresent() ? "set" : "none")
                + ", access=" + access + ", links=" + links + ", timeout=" + timeout + ", attempts=" + attempts
                + ", pause=" + pause + "]";
    }

    /** Environment variables by type. */
    private record Variables(Map<String, String> environment, Path userHome) {
        private static final Set<String> ON = Set.of("1", "ON", "YES", "TRUE");

        /** The first of the variables that is set to something. */
        Optional<String> text(String... names) {
            return Stream.of(names).map(environment::get).filter(value -> value != null && !value.isBlank())
                    .findFirst();
        }

        boolean isOn(String... names) {
            return text(names).filter(value -> ON.contains(value.toUpperCase(Locale.ROOT))).isPresent();
        }

        Optional<Path> path(String... names) {
            return text(names).map(value -> value.equals("~") || value.startsWith("~/")
                    ? userHome.resolve(value.substring(Math.min(2, value.length())))
                    : Path.of(value));
        }

        Optional<URI> address(String name) {
            return text(name).map(value -> {
                try {
                    return URI.create(value.strip().replaceAll("/+$", ""));
                } catch (IllegalArgumentException e) {
                    throw new HubException(name + ": got " + Names.quote(value) + ", allowed an address", e);
                }
            });
        }

        Optional<Duration> seconds(String name) {
            return text(name).map(value -> {
                if (!value.strip().matches("[1-9][0-9]{0,5}")) {
                    throw new HubException(name + ": got " + Names.quote(value) + ", allowed seconds, 1 to 999999");
                }
                return Duration.ofSeconds(Long.parseLong(value.strip()));
            });
        }

        Optional<String> token(Path home) {
            if (isOn("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
                return Optional.empty();
            }
            Optional<String> direct = text("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
            Path file = path("HF_TOKEN_PATH").orElse(home.resolve("token"));
            try {
                return direct.isEmpty() && Files.isRegularFile(file)
                        ? Optional.of(Files.readString(file).strip()).filter(token -> !token.isEmpty())
                        : direct.map(String::strip);
            } catch (IOException e) {
                throw new HubException("token: cannot read " + file, e);
            }
        }
    }
}
