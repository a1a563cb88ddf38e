package org.jformers.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Brings files of a folder into a commit on the hub. The hub says which files are large; their content goes to its
 * storage first, by the protocol of git-lfs, and the commit names them by their hash. Files that the hub has as they
 * are stay out of the commit.
 */
final class HubUpload {
    private static final int FILES_PER_QUESTION = 256;
    private static final int SAMPLE = 512;

    private final HubSettings settings;
    private final HubClient client;
    private final HubApi api;
    private final ModelId id;
    private final TransferListener listener;

    HubUpload(HubSettings settings, HubClient client, ModelId id, TransferListener listener) {
        this.settings = settings;
        this.client = client;
        this.id = id;
        this.listener = listener;
        api = new HubApi(settings, client, id);
    }

    /** A file that goes up. */
    private record Source(String path, Path file, long size) {}

    /** A file that the commit brings; {@code hash} is the SHA-256 of a large one, git's hash of a small one. */
    private record Change(Source source, boolean large, String hash) {}

    /** Whether the model is on the hub, so that files can be added. */
    boolean exists() throws IOException {
        return api.get(URI.create(settings.endpoint() + "/api/models/" + id.name())).isGood();
    }

    /** Makes the repository; one that is there already stays as it is. */
    void create(Hub.Visibility visibility) throws IOException {
        String[] parts = id.name().split("/");
        ObjectNode body = HubApi.JSON.createObjectNode()
                .put("name", parts[parts.length - 1])
                .put("visibility", visibility == Hub.Visibility.PRIVATE ? "private" : "public");
        if (parts.length > 1) {
            body.put("organization", parts[0]);
        }
        URI address = URI.create(settings.endpoint() + "/api/repos/create");
        HubApi.Reply reply = api.post(address, HubApi.JSON_TYPE, body);
        if (reply.status() != 409) {
            api.good(reply);
        }
    }

    /** Brings the files of a folder up in one commit. */
    HubCommit commit(Path folder, String message) throws IOException {
        List<Change> changes = new ArrayList<>();
        List<Source> sources = sources(folder);
        for (int from = 0; from < sources.size(); from += FILES_PER_QUESTION) {
            changes.addAll(changes(sources.subList(from, Math.min(from + FILES_PER_QUESTION, sources.size()))));
        }
        if (changes.isEmpty()) {
            return api.head();
        }
        List<LargeFiles.Content> large = changes.stream()
                .filter(Change::large)
                .map(change -> new LargeFiles.Content(change.hash(), change.source().path(), change.source().file(),
                        change.source().size()))
                .toList();
        new LargeFiles(settings, client, id, listener).store(large);
        ObjectNode about = HubApi.JSON.createObjectNode().put("summary", message).put("description", "");
        HubApi.Reply reply = api.postOnce(api.address("commit"), BodyPublishers.ofByteArrays(() ->
                Stream.concat(Stream.of(line("header", about)), changes.stream().map(HubUpload::line)).iterator()));
        return api.commit(api.require(reply).path("commitOid").asText());
    }

    // Hidden files are those of other programs: git's own, those of a download.
    private List<Source> sources(Path folder) throws IOException {
        Map<String, Path> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).toList()) {
                String path = folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
                if (Stream.of(path.split("/")).noneMatch(part -> part.startsWith("."))) {
                    found.put(Names.requireInside(path, folder.toString()), published(folder, path, file));
                }
            }
        }
        List<Source> sources = new ArrayList<>();
        for (Map.Entry<String, Path> entry : found.entrySet()) {
            sources.add(new Source(entry.getKey(), entry.getValue(), Files.size(entry.getValue())));
        }
        return sources;
    }

    /**
     * The file that would be published under a path: none that a link brings in from elsewhere, for who made the link
     * need not be who may read the file. The cache's snapshots consist of links to its own blobs.
     */
    private Path published(Path folder, String path, Path file) throws IOException {
        Path real;
        try {
            real = file.toRealPath();
        } catch (IOException e) {
            throw new HubException("upload: " + Names.quote(path) + " is a link to nothing, in " + folder, e);
        }
        if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
            throw new HubException("upload: got " + Names.quote(path) + ", which is neither a file nor a folder, in "
                    + folder);
        }
        if (!real.startsWith(folder.toRealPath()) && !isBlob(folder.toRealPath(), real)) {
            throw new HubException("upload: got " + Names.quote(path) + ", a link to a file outside the folder, allowed"
                    + " files of the folder itself, in " + folder);
        }
        return real;
    }

    /** Whether a file is a blob of the cache's part that the folder is a snapshot of. */
    private boolean isBlob(Path folder, Path file) throws IOException {
        if (!Files.isDirectory(settings.cache())) {
            return false;
        }
        Path cache = settings.cache().toRealPath();
        boolean isSnapshot = folder.startsWith(cache) && cache.relativize(folder).getNameCount() >= 3
                && cache.relativize(folder).getName(1).toString().equals("snapshots");
        return isSnapshot && file.startsWith(cache.resolve(cache.relativize(folder).getName(0)).resolve("blobs"));
    }

    /** Asks which files are large, which are to be left out, and which the hub has already. */
    private List<Change> changes(List<Source> sources) throws IOException {
        ObjectNode question = HubApi.JSON.createObjectNode();
        ArrayNode asked = question.putArray("files");
        for (Source source : sources) {
            try (InputStream in = Files.newInputStream(source.file())) {
                asked.addObject()
                        .put("path", source.path())
                        .put("sample", Base64.getEncoder().encodeToString(in.readNBytes(SAMPLE)))
                        .put("size", source.size());
            }
        }
        Map<String, JsonNode> answers = new ConcurrentHashMap<>();
        api.require(api.post(api.address("preupload"), HubApi.JSON_TYPE, question)).path("files")
                .forEach(answer -> answers.put(answer.path("path").asText(), answer));
        List<Change> changes = new ArrayList<>();
        for (Source source : sources) {
            JsonNode answer = answers.get(source.path());
            if (answer == null) {
                throw new HubException("model " + id + ": the hub does not say how to upload "
                        + Names.quote(source.path()));
            }
            // Storage takes no empty file.
            boolean large = answer.path("uploadMode").asText().equals("lfs") && source.size() > 0;
            String hash = hash(source, large);
            if (!answer.path("shouldIgnore").asBoolean() && !answer.path("oid").asText().equals(hash)) {
                changes.add(new Change(source, large, hash));
            }
        }
        return changes;
    }

    private static String hash(Source source, boolean large) throws IOException {
        Etag kind = new Etag("0".repeat(large ? 64 : 40), true);
        MessageDigest digest = kind.digest(source.size()).orElseThrow();
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(source.file())) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static byte[] line(Change change) {
        ObjectNode value = HubApi.JSON.createObjectNode();
        if (change.large()) {
            return line("lfsFile", value.put("path", change.source().path()).put("algo", "sha256")
                    .put("oid", change.hash()).put("size", change.source().size()));
        }
        try {
            String content = Base64.getEncoder().encodeToString(Files.readAllBytes(change.source().file()));
            return line("file", value.put("content", content).put("path", change.source().path())
                    .put("encoding", "base64"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] line(String key, ObjectNode value) {
        ObjectNode line = HubApi.JSON.createObjectNode().put("key", key);
        return (line.set("value", value).toString() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
