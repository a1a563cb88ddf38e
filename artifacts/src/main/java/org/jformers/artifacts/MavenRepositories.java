package org.jformers.artifacts;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.eclipse.aether.ConfigurationProperties;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.TransferEvent;
import org.jformers.VisibleText;
import org.jformers.hub.HubException;
import org.jformers.hub.HubSettings;
import org.jformers.hub.TransferListener;

/** Jars by coordinates: out of the local repository, or from remote ones into it, with checksums that must be right. */
final class MavenRepositories {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final MavenPlaces places;

    MavenRepositories(MavenPlaces places) {
        this.places = places;
    }

    /**
     * The jar of an artifact; what it depends on is not looked at.
     *
     * @throws HubException if no repository has it, it cannot be fetched, or its checksum is wrong or missing
     */
    Path jar(MavenCoordinates coordinates, TransferListener listener) {
        MavenSettings settings = MavenSettings.read(places);
        boolean offline = settings.isOffline() || places.access() == HubSettings.Access.OFFLINE;
        Path local = places.namedRepository().or(settings::localRepository).orElse(places.localRepository());
        RepositorySystem system = new RepositorySystemSupplier().get();
        try {
            DefaultRepositorySystemSession session = session(settings, listener).setOffline(offline);
            session.setLocalRepositoryManager(
                    system.newLocalRepositoryManager(session, new LocalRepository(local.toFile())));
            List<RemoteRepository> remotes =
                    system.newResolutionRepositories(session, settings.repositories());
            DefaultArtifact jar = new DefaultArtifact(
                    coordinates.group(), coordinates.artifact(), "jar", coordinates.version());
            try {
                return system.resolveArtifact(session, new ArtifactRequest(jar, remotes, null))
                        .getArtifact().getFile().toPath();
            } catch (ArtifactResolutionException e) {
                throw failure(coordinates, local, remotes, offline, e);
            }
        } finally {
            system.shutdown();
        }
    }

    private static DefaultRepositorySystemSession session(MavenSettings settings, TransferListener listener) {
        return MavenRepositorySystemUtils.newSession()
                .setMirrorSelector(settings.mirrors())
                .setProxySelector(settings.proxies())
                .setAuthenticationSelector(settings.authentications())
                .setChecksumPolicy(RepositoryPolicy.CHECKSUM_POLICY_FAIL)
                .setConfigProperty(ConfigurationProperties.USER_AGENT, "jformers")
                .setConfigProperty(ConfigurationProperties.CONNECT_TIMEOUT, TIMEOUT_MILLIS)
                .setConfigProperty(ConfigurationProperties.REQUEST_TIMEOUT, TIMEOUT_MILLIS)
                .setTransferListener(new Progress(listener));
    }

    private static HubException failure(
            MavenCoordinates coordinates, Path local, List<RemoteRepository> remotes, boolean offline,
            ArtifactResolutionException failure) {
        String model = "model " + coordinates + ": ";
        if (offline) {
            return new HubException(model + "not in " + local + ", and offline mode (HF_HUB_OFFLINE, or Maven's "
                    + "settings) forbids to download", failure);
        }
        // A repository that lacks it says less than one that could not be asked.
        return failure.getResult().getExceptions().stream()
                .filter(reason -> !(reason instanceof ArtifactNotFoundException))
                .findFirst()
                .map(reason -> new HubException(model + "cannot be fetched: " + VisibleText.line(innermost(reason)),
                        failure))
                .orElseGet(() -> new HubException(model + "Maven has no such artifact, asked "
                        + remotes.stream().map(RemoteRepository::getId).collect(Collectors.joining(", ")), failure));
    }

    /** What went wrong in the first place. */
    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message.lines().findFirst().orElse("");
    }

    /** Tells of the jar's bytes; checksums are too small to tell of. */
    private static final class Progress extends AbstractTransferListener {
        private final TransferListener listener;

        Progress(TransferListener listener) {
            this.listener = listener;
        }

        @Override
        public void transferProgressed(TransferEvent event) {
            String name = event.getResource().getResourceName();
            if (name.endsWith(".jar")) {
                long done = event.getTransferredBytes();
                listener.progress(name.substring(name.lastIndexOf('/') + 1), done,
                        Math.max(done, event.getResource().getContentLength()));
            }
        }
    }
}
