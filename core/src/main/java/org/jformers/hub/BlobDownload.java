package org.jformers.hub;

import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the content of one file into the cache. What has come stays in a file of its own until all is there and has
 * the size and the hash that the hub told; the blob appears whole, by a rename. After a break, the next attempt asks
 * for the rest.
 */
final class BlobDownload {
    private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);
    private static final int CHUNK = 1 << 20;

    /** What an attempt must bring, beyond all before it, for the count of failures to begin anew. */
    private static final int STEP = 1 << 18;

    private final HubSettings settings;
    private final HubClient client;
    private final HubCache cache;
    private final ModelId id;
    private final RemoteFile file;
    private final Path partial;

    BlobDownload(HubSettings settings, HubClient client, HubCache cache, ModelId id, RemoteFile file) {
        this.settings = settings;
        this.client = client;
        this.cache = cache;
        this.id = id;
        this.file = file;
        partial = cache.partial(file.etag());
    }

    /**
     * Downloads the content unless it is here, and lets the snapshot show it.
     *
     * @param progress hears how many bytes are here
     * @throws HubException if the file cannot be had; a part that may be gone on with stays
     */
    void into(String commit, LongConsumer progress) {
        Path blob = cache.blob(file.etag());
        try {
            PrivateFolders.createFor(blob);
            try (HeldLock held = HeldLock.acquire(cache.lock(file.etag()))) {
                if (!PrivateFolders.isOwnFile(blob) || Files.size(blob) != file.size()) {
                    download(progress);
                    Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE);
                }
                progress.accept(file.size());
                cache.link(file.etag(), commit, file.name());
            }
        } catch (InterruptedException e) {
            throw HubClient.interrupted(e);
        } catch (IOException e) {
            throw new HubException("cannot write into " + cache.folder() + ": " + HubClient.reason(e), e);
        }
    }

    private void download(LongConsumer progress) throws InterruptedException {
        int failures = 0;
        long farthest = size();
        while (true) {
            try {
                transfer(progress);
                return;
            } catch (IOException e) {
                failures = size() >= farthest + STEP ? 1 : failures + 1;
                farthest = Math.max(farthest, size());
                if (failures >= settings.attempts()) {
                    throw broken(e);
                }
                try {
                    client.pause(failures, e);
                } catch (IOException hopeless) {
                    throw broken(hopeless);
                }
            }
        }
    }

    private HubException broken(IOException failure) {
        return new HubException("model " + id + ", " + file.name() + ": the download broke off at " + size() + " of "
                + file.size() + " bytes, " + HubClient.reason(failure)
                + (size() > 0 ? "; the next attempt goes on from there" : ""), failure);
    }

    private long size() {
        return partial.toFile().length(); // zero if there is none
    }

    /** One attempt: the rest of the file, and the check of the whole. */
    private void transfer(LongConsumer progress) throws IOException, InterruptedException {
        try (FileChannel out = open()) {
            long here = out.size() <= file.size() && file.etag().resumable() ? out.size() : 0;
            truncate(out, here);
            if (here < file.size()) {
                here = receive(out, here, progress);
            }
            if (here < file.size()) {
                throw new EOFException("the connection ended early");
            }
            check(out);
            force(out);
        }
    }

    /** Appends what comes and returns how many bytes are here then. */
    private long receive(FileChannel out, long start, LongConsumer progress) throws IOException, InterruptedException {
        HttpResponse<TimedBody> response;
        try {
            response = client.get(id, file, start);
        } catch (HubClient.StaleRangeException e) {
            truncate(out, 0);
            throw e;
        }
        try (TimedBody body = response.body()) {
            long here = response.statusCode() == 206 ? start : 0;
            requireSize(response, here, out);
            truncate(out, here);
            for (Optional<List<ByteBuffer>> next = body.next(); next.isPresent(); next = body.next()) {
                for (ByteBuffer buffer : next.get()) {
                    here += buffer.remaining();
                    if (here > file.size()) {
                        throw wrong(out, "more than " + file.size() + " bytes came");
                    }
                    write(out, buffer);
                }
                progress.accept(here);
            }
            return here;
        }
    }

    /** The host must announce the rest of the file that the hub described. */
    private void requireSize(HttpResponse<?> response, long start, FileChannel out) throws IOException {
        Optional<String> range = response.headers().firstValue("Content-Range");
        String expected = "bytes " + start + "-" + (file.size() - 1) + "/" + file.size();
        if (response.statusCode() == 206 && !range.equals(Optional.of(expected))) {
            truncate(out, 0);
            throw new HubClient.StaleRangeException(
                    "the host sends " + Names.quote(range.orElse("no Content-Range")) + " instead of " + expected);
        }
        long announced = response.headers().firstValueAsLong("Content-Length").orElse(file.size() - start);
        if (announced != file.size() - start) {
            throw wrong(out, "the host has " + (start + announced) + " bytes");
        }
    }

    private void check(FileChannel out) throws IOException {
        Etag name = file.etag().isHash() ? file.etag() : told().orElse(file.etag());
        Optional<MessageDigest> digest = name.digest(file.size());
        if (digest.isEmpty()) {
            LOG.warn("model {}, {}: the hub tells no hash, so its size is all that was checked", id, file.name());
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        for (long at = 0; at < file.size(); at += buffer.limit()) {
            buffer.clear();
            if (out.read(buffer, at) < 0) {
                throw new EOFException("the file was shortened");
            }
            digest.get().update(buffer.flip());
        }
        String hash = HexFormat.of().formatHex(digest.get().digest());
        if (!hash.equals(name.value())) {
            throw wrong(out, "its hash is " + hash);
        }
    }

    /** The hash that the hub lists for a file which it names otherwise; empty if it lists none. */
    private Optional<Etag> told() {
        try {
            return new HubApi(settings, client, id).hash(file.name());
        } catch (IOException | HubException e) {
            return Optional.empty();
        }
    }

    /** What came is not the file: nothing of it is kept. */
    private HubException wrong(FileChannel out, String got) throws IOException {
        truncate(out, 0);
        out.close();
        Files.deleteIfExists(partial);
        return new HubException("model " + id + ", " + file.name() + ": " + got + ", expected are " + file.size()
                + " bytes with the hash " + file.etag().value() + "; what came was deleted");
    }

    // The disk's failures are no failures of the network, which another attempt might mend.

    private FileChannel open() {
        try {
            return FileChannel.open(
                    partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void truncate(FileChannel out, long size) {
        try {
            out.truncate(size).position(size);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void write(FileChannel out, ByteBuffer buffer) {
        try {
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void force(FileChannel out) {
        try {
            out.force(true);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private HubException unwritable(IOException e) {
        return new HubException("cannot write " + partial + ": " + HubClient.reason(e), e);
    }
}
