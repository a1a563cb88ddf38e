package org.jformers.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jformers.hub.HubClient.Answer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models by id: from the cache, or from the hub into the cache. The protocol and the cache are those of Python's
 * huggingface_hub, see {@link HubCache} for the layout.
 *
 * <p>A branch or tag is asked for its commit each time, by one request; everything else of a call is of that commit. If
 * the hub cannot be reached, the commit that the cache remembers serves. A commit that is complete in the cache, and
 * every call of an offline hub, opens no connection.
 */
public final class Hub {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
    private static final int AT_ONCE = 4;

    private final HubSettings settings;
    private @Nullable HubClient client; // made when needed: the JDK's HTTP takes a while to load

    public Hub(HubSettings settings) {
        this.settings = settings;
    }

    /** The hub that the environment names; see {@link HubSettings#fromEnvironment()}. */
    public static Hub fromEnvironment() {
        return new Hub(HubSettings.fromEnvironment());
    }

    /** Where it looks and how. */
    public HubSettings settings() {
        return settings;
    }

    /** A model's folder, complete; see {@link #snapshot(ModelId, HubContents, TransferListener)}. */
    public Path snapshot(String name, String revision) {
        return snapshot(new ModelId(name, revision), HubContents.MODEL, TransferListener.NONE);
    }

    /**
     * A model's folder with the files that a model folder needs: configuration, tokenizer, templates, and of the
     * weights {@code model.safetensors} or its shards, else {@code pytorch_model.bin}.
     *
     * @throws HubException if the model cannot be had; what came of its files stays for the next attempt
     */
    public Path snapshot(ModelId id, HubContents contents, TransferListener listener) {
        HubCache cache = new HubCache(settings, id);
        Optional<String> known = cache.commit(id.revision());
        Optional<String> lacking = known.isEmpty()
                ? Optional.of("the model")
                : ModelFiles.lacking(cache, known.get(), contents);
        if (settings.access() == HubSettings.Access.OFFLINE) {
            if (lacking.isPresent()) {
                throw offline(id, lacking.get());
            }
            return cache.snapshot(known.get());
        }
        if (id.isPinned() && lacking.isEmpty() && ModelFiles.isSettled(cache, id.revision(), contents)) {
            return cache.snapshot(id.revision());
        }
        try {
            return online(id, contents, cache, listener, lacking.isEmpty() ? 1 : settings.attempts());
        } catch (IOException e) {
            if (lacking.isPresent()) {
                throw unreachable(id, e);
            }
            LOG.warn("{} cannot be reached ({}), using {} as it was last seen", settings.endpoint(),
                    HubClient.reason(e), id);
            return cache.snapshot(known.get());
        }
    }

    /**
     * One file of a model.
     *
     * @param file its path inside the repository
     * @throws HubException if it cannot be had
     */
    public Path file(String name, String revision, String file) {
        ModelId id = new ModelId(name, revision);
        Names.requireInside(file, "a file of " + id);
        HubCache cache = new HubCache(settings, id);
        Optional<Path> known = cache.commit(revision).flatMap(commit -> cache.find(commit, file));
        if (settings.access() == HubSettings.Access.OFFLINE || id.isPinned() && known.isPresent()) {
            return known.orElseThrow(() -> offline(id, file));
        }
        try {
            Answer answer = client().head(id, revision, file, known.isPresent() ? 1 : settings.attempts());
            String commit = remember(id, cache, answer);
            RemoteFile remote = answer.file()
                    .orElseThrow(() -> new HubException("model " + id + ": has no file " + Names.quote(file)));
            download(id, cache, commit, List.of(remote), TransferListener.NONE);
            return cache.snapshot(commit).resolve(file);
        } catch (IOException e) {
            return known.orElseThrow(() -> unreachable(id, e));
        }
    }

    /** Who may see a repository. */
    public enum Visibility {
        PUBLIC,
        PRIVATE
    }

    /**
     * Brings a model's folder to the hub in one commit: all its files but hidden ones. Files that the hub has as they
     * are stay out of the commit; where all are, no commit is made.
     *
     * @param id the branch that the commit goes to; a repository that does not exist is made
     * @param visibility of a repository that is made here
     * @param message first line of the commit's message
     * @return the commit, or the one that the branch stands at if nothing changed
     * @throws HubException without a token, offline, if the folder holds no model, or if the hub refuses
     */
    public HubCommit upload(
            Path folder, ModelId id, Visibility visibility, String message, TransferListener listener) {
        if (!Files.isRegularFile(folder.resolve(ModelFiles.CONFIG))) {
            throw new HubException("upload: got " + folder.toAbsolutePath() + ", allowed a model's folder, with a "
                    + ModelFiles.CONFIG);
        }
        if (settings.access() == HubSettings.Access.OFFLINE) {
            throw new HubException("upload of " + id + ": HF_HUB_OFFLINE forbids to connect");
        }
        if (settings.token().isEmpty()) {
            throw new HubException("upload of " + id + ": needs a token that may write, set HF_TOKEN");
        }
        HubUpload upload = new HubUpload(settings, client(), id, listener);
        try {
            if (!upload.exists()) {
                upload.create(visibility);
            }
            return upload.commit(folder, message);
        } catch (IOException e) {
            throw new HubException("upload of " + id + ": " + HubClient.reason(e), e);
        }
    }

    /**
     * The files that a model has on the hub.
     *
     * @throws HubException offline, or if the hub cannot be reached or does not have the model
     */
    public List<HubFile> files(ModelId id) {
        if (settings.access() == HubSettings.Access.OFFLINE) {
            throw new HubException("files of " + id + ": HF_HUB_OFFLINE forbids to connect");
        }
        try {
            return new HubApi(settings, client(), id).files();
        } catch (IOException e) {
            throw new HubException("files of " + id + ": " + settings.endpoint() + " cannot be reached: "
                    + HubClient.reason(e), e);
        }
    }

    private synchronized HubClient client() {
        if (client == null) {
            client = new HubClient(settings);
        }
        return client;
    }

    /** Asks for the commit, then for what the cache does not have of it. */
    private Path online(ModelId id, HubContents contents, HubCache cache, TransferListener listener, int attempts)
            throws IOException {
        String commit = remember(id, cache, client().head(id, id.revision(), contents.small().get(0), attempts));
        ModelId pinned = new ModelId(id.name(), commit);
        List<RemoteFile> wanted = new ArrayList<>(ask(pinned, cache, contents.small()));
        wanted.addAll(weights(pinned, cache, contents));
        download(id, cache, commit, wanted, listener);
        Optional<String> lacking = ModelFiles.lacking(cache, commit, contents);
        if (lacking.isPresent()) {
            throw new HubException("model " + id + ": its repository lacks " + lacking.get() + ", at commit " + commit
                    + " of " + settings.endpoint());
        }
        return cache.snapshot(commit);
    }

    private List<RemoteFile> weights(ModelId pinned, HubCache cache, HubContents contents) {
        for (String name : contents.weights()) {
            Optional<RemoteFile> file = ask(pinned, cache, name);
            if (file.isEmpty() && cache.find(pinned.revision(), name).isEmpty()) {
                continue;
            }
            if (!ModelFiles.isIndex(name)) {
                return file.stream().toList();
            }
            download(pinned, cache, pinned.revision(), file.stream().toList(), TransferListener.NONE);
            return ask(pinned, cache, List.copyOf(
                    ModelFiles.shards(cache.find(pinned.revision(), name).orElseThrow())));
        }
        return List.of();
    }

    /** Those of some files that the hub has, in their order; it is asked for several at once. */
    private List<RemoteFile> ask(ModelId pinned, HubCache cache, List<String> names) {
        Map<String, RemoteFile> told = new ConcurrentHashMap<>();
        Parallel.run(AT_ONCE, names, name -> ask(pinned, cache, name).ifPresent(file -> told.put(name, file)));
        return names.stream().flatMap(name -> Optional.ofNullable(told.get(name)).stream()).toList();
    }

    /** What the hub says of a file that the cache does not know; empty if it is here or known to be missing. */
    private Optional<RemoteFile> ask(ModelId pinned, HubCache cache, String name) {
        String commit = pinned.revision();
        if (cache.find(commit, name).isPresent() || cache.isKnownMissing(commit, name)) {
            return Optional.empty();
        }
        try {
            Answer answer = client().head(pinned, commit, name, settings.attempts());
            if (!answer.commit().equals(Optional.of(commit)) && answer.file().isPresent()) {
                throw new HubException(
                        "model " + pinned + ": the hub answers with commit " + answer.commit().orElse("none"));
            }
            if (answer.file().isEmpty()) {
                cache.rememberMissing(commit, name);
            }
            return answer.file();
        } catch (IOException e) {
            throw unreachable(pinned, e);
        }
    }

    private String remember(ModelId id, HubCache cache, Answer answer) {
        String commit = answer.commit().orElseThrow(() -> new HubException(
                "model " + id + ": the hub does not tell the commit, at " + settings.endpoint()));
        try {
            if (!id.isPinned()) {
                cache.remember(id.revision(), commit);
            }
            return commit;
        } catch (IOException e) {
            throw new HubException("cannot write into " + cache.folder() + ": " + HubClient.reason(e), e);
        }
    }

    private void download(
            ModelId id, HubCache cache, String commit, List<RemoteFile> wanted, TransferListener listener) {
        List<RemoteFile> files = wanted.stream().filter(file -> cache.find(commit, file.name()).isEmpty()).toList();
        if (files.isEmpty()) {
            return;
        }
        long total = sum(files.stream().map(RemoteFile::size).toList());
        requireRoom(id, cache, files);
        Map<String, Long> here = new ConcurrentHashMap<>();
        Parallel.run(AT_ONCE, files, file ->
                new BlobDownload(settings, client(), cache, id, file).into(commit, bytes -> {
                    here.put(file.name(), bytes);
                    listener.progress(file.name(), here.values().stream().mapToLong(Long::longValue).sum(), total);
                }));
    }

    private void requireRoom(ModelId id, HubCache cache, List<RemoteFile> files) {
        long needed = sum(files.stream()
                .filter(file -> !PrivateFolders.isOwnFile(cache.blob(file.etag())))
                .map(file -> Math.max(0, file.size() - cache.partial(file.etag()).toFile().length()))
                .toList());
        long free;
        try {
            PrivateFolders.create(settings.cache());
            free = Files.getFileStore(settings.cache()).getUsableSpace();
        } catch (IOException e) {
            throw new HubException("cannot write into " + settings.cache() + ": " + HubClient.reason(e), e);
        }
        if (needed > free) {
            throw new HubException("model " + id + ": needs " + needed + " bytes, " + free + " are free in "
                    + settings.cache());
        }
    }

    /** The sum of sizes that somebody else names; the largest number where it is none. */
    private static long sum(List<Long> sizes) {
        try {
            return sizes.stream().reduce(0L, Math::addExact);
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    private HubException offline(ModelId id, String lacking) {
        return new HubException("model " + id + ": the cache " + settings.cache() + " lacks " + lacking
                + ", and offline mode (HF_HUB_OFFLINE) forbids to download");
    }

    private HubException unreachable(ModelId id, IOException failure) {
        return new HubException("model " + id + ": not in the cache " + settings.cache() + ", and "
                + settings.endpoint() + " cannot be reached: " + HubClient.reason(failure), failure);
    }
}
