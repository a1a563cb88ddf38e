package org.jformers.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * One model's part of the cache, laid out as Python's huggingface_hub does it:
 *
 * <pre>
 * models--org--name/refs/main                    the commit that a branch or tag stood at
 * models--org--name/blobs/ETAG                   contents
 * models--org--name/snapshots/COMMIT/config.json links into blobs
 * models--org--name/.no_exist/COMMIT/vocab.txt   empty: the commit has no such file
 * .locks/models--org--name/ETAG.lock
 * </pre>
 */
final class HubCache {
    private final Path root;
    private final String model;
    private final HubSettings.Links links;

    HubCache(HubSettings settings, ModelId id) {
        root = settings.cache();
        model = "models--" + id.name().replace("/", "--");
        links = settings.links();
    }

    Path folder() {
        return root.resolve(model);
    }

    Path blob(Etag etag) {
        return folder().resolve("blobs").resolve(etag.value());
    }

    /** What has come of a blob so far. Not the name that Python uses, whose processes heed other locks. */
    Path partial(Etag etag) {
        return folder().resolve("blobs").resolve(etag.value() + ".jformers.incomplete");
    }

    Path lock(Etag etag) {
        return root.resolve(".locks").resolve(model).resolve(etag.value() + ".lock");
    }

    Path snapshot(String commit) {
        return folder().resolve("snapshots").resolve(commit);
    }

    /** A file of a snapshot, if it is here: its content lies in this model's part of the cache. */
    Optional<Path> find(String commit, String name) {
        return Optional.of(snapshot(commit).resolve(name)).filter(Files::isRegularFile).filter(this::isInside);
    }

    private boolean isInside(Path file) {
        try {
            Path real = file.toRealPath();
            Path blobs = folder().resolve("blobs");
            return real.startsWith(folder().toRealPath())
                    || Files.isDirectory(blobs) && real.startsWith(blobs.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /** The commit that a revision stood at when it was last asked for. */
    Optional<String> commit(String revision) {
        if (ModelId.isCommit(revision)) {
            return Optional.of(revision);
        }
        Path file = folder().resolve("refs").resolve(revision);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(Files.readString(file).strip()).filter(ModelId::isCommit)
                    : Optional.empty();
        } catch (IOException e) {
            throw new HubException("cannot read " + file, e);
        }
    }

    void remember(String revision, String commit) throws IOException {
        if (!commit(revision).equals(Optional.of(commit))) {
            Path file = folder().resolve("refs").resolve(revision);
            place(file, temporary -> Files.write(temporary, commit.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    boolean isKnownMissing(String commit, String name) {
        return Files.exists(missing(commit, name));
    }

    void rememberMissing(String commit, String name) throws IOException {
        Path file = missing(commit, name);
        PrivateFolders.createFor(file);
        if (!Files.exists(file)) {
            place(file, Files::createFile);
        }
    }

    private Path missing(String commit, String name) {
        return folder().resolve(".no_exist").resolve(commit).resolve(name);
    }

    /** Lets a snapshot show a blob, in one step. */
    void link(Etag etag, String commit, String name) throws IOException {
        Path pointer = snapshot(commit).resolve(name);
        Path blob = blob(etag);
        place(pointer, temporary -> {
            if (links == HubSettings.Links.SYMBOLIC) {
                try {
                    // Relative, so that the cache may be moved.
                    Files.createSymbolicLink(temporary, pointer.resolveSibling("").relativize(blob));
                    return;
                } catch (IOException | UnsupportedOperationException e) {
                    // Windows gives the right to few users.
                }
            }
            try {
                Files.createLink(temporary, blob.toRealPath());
            } catch (IOException | UnsupportedOperationException e) {
                Files.copy(blob, temporary);
            }
        });
    }

    private interface Maker {
        void make(Path temporary) throws IOException;
    }

    /** Makes a file under another name and puts it in its place in one step. */
    private static void place(Path file, Maker maker) throws IOException {
        PrivateFolders.createFor(file);
        Path temporary = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
        try {
            maker.make(temporary);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
