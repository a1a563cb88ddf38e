package org.jformers.artifacts;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.maven.model.building.DefaultModelProcessor;
import org.apache.maven.model.io.DefaultModelReader;
import org.apache.maven.model.superpom.DefaultSuperPomProvider;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.building.SettingsBuildingResult;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.eclipse.aether.repository.AuthenticationSelector;
import org.eclipse.aether.repository.MirrorSelector;
import org.eclipse.aether.repository.ProxySelector;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.jformers.hub.HubException;
import org.jformers.hub.Names;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/** What Maven's settings say of repositories, in the words of its resolver. */
final class MavenSettings {
    private static final Logger LOG = LoggerFactory.getLogger(MavenSettings.class);

    private final Settings settings;
    private final List<Server> servers;
    private final List<Proxy> proxies;

    private MavenSettings(Settings settings, SettingsDecryptionResult open) {
        this.settings = settings;
        this.servers = open.getServers();
        this.proxies = open.getProxies();
    }

    /**
     * Reads the settings of the user over those of the installation, with variables replaced and passwords opened.
     *
     * @throws HubException if they cannot be read
     */
    static MavenSettings read(MavenPlaces places) {
        Properties system = new Properties();
        System.getenv().forEach((name, value) -> system.setProperty("env." + name, value));
        System.getProperties().stringPropertyNames()
                .forEach(name -> system.setProperty(name, System.getProperty(name)));
        DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
        request.setSystemProperties(system);
        request.setUserSettingsFile(places.userSettings().toFile());
        places.globalSettings().ifPresent(file -> request.setGlobalSettingsFile(file.toFile()));
        try {
            SettingsBuildingResult read = new DefaultSettingsBuilderFactory().newInstance().build(request);
            read.getProblems().forEach(problem -> LOG.warn("settings of Maven: {}", problem));
            Settings settings = read.getEffectiveSettings();
            return new MavenSettings(settings, decrypt(settings, places.security()));
        } catch (SettingsBuildingException e) {
            throw new HubException("settings of Maven: " + e.getProblems().get(0), e);
        }
    }

    private static SettingsDecryptionResult decrypt(Settings settings, Path security) {
        DefaultSecDispatcher opener = new DefaultSecDispatcher(new DefaultPlexusCipher());
        opener.setConfigurationFile(security.toString());
        SettingsDecryptionResult open =
                new DefaultSettingsDecrypter(opener).decrypt(new DefaultSettingsDecryptionRequest(settings));
        // Without the master password, texts in braces that are no encrypted passwords stay as they are.
        if (Files.isRegularFile(security)) {
            open.getProblems().forEach(problem -> LOG.warn("settings of Maven: {}", problem.getMessage()));
        }
        return open;
    }

    boolean isOffline() {
        return settings.isOffline();
    }

    /** The local repository that they name. */
    Optional<Path> localRepository() {
        return Optional.ofNullable(settings.getLocalRepository()).filter(text -> !text.isBlank()).map(Path::of);
    }

    /** Their mirrors; as in Maven, addresses without encryption are blocked but where a mirror serves them. */
    MirrorSelector mirrors() {
        DefaultMirrorSelector selector = new DefaultMirrorSelector();
        for (Mirror mirror : settings.getMirrors()) {
            selector.add(mirror.getId(), mirror.getUrl(), mirror.getLayout(), false, mirror.isBlocked(),
                    mirror.getMirrorOf(), mirror.getMirrorOfLayouts());
        }
        return selector.add("http-blocker", "http://0.0.0.0/", null, false, true, "external:http:*", null);
    }

    ProxySelector proxies() {
        DefaultProxySelector selector = new DefaultProxySelector();
        proxies.stream().filter(Proxy::isActive).forEach(proxy -> selector.add(
                new org.eclipse.aether.repository.Proxy(proxy.getProtocol(), proxy.getHost(), proxy.getPort(),
                        new AuthenticationBuilder().addUsername(proxy.getUsername())
                                .addPassword(proxy.getPassword()).build()),
                proxy.getNonProxyHosts()));
        return selector;
    }

    AuthenticationSelector authentications() {
        DefaultAuthenticationSelector selector = new DefaultAuthenticationSelector();
        for (Server server : servers) {
            selector.add(server.getId(), new AuthenticationBuilder()
                    .addUsername(server.getUsername()).addPassword(server.getPassword())
                    .addPrivateKey(server.getPrivateKey(), server.getPassphrase()).build());
            if (server.getConfiguration() != null) {
                LOG.warn("settings of Maven: the configuration of server {} is not read, only its user and password",
                        Names.quote(server.getId()));
            }
        }
        return selector;
    }

    /** The repositories of active profiles, then Maven's own; the first of an id counts. */
    List<RemoteRepository> repositories() {
        Map<String, RemoteRepository> repositories = new LinkedHashMap<>();
        for (Profile profile : settings.getProfiles()) {
            boolean active = settings.getActiveProfiles().contains(profile.getId())
                    || profile.getActivation() != null && profile.getActivation().isActiveByDefault();
            if (active) {
                for (Repository repository : profile.getRepositories()) {
                    if (repository.getReleases() == null || repository.getReleases().isEnabled()) {
                        repositories.putIfAbsent(repository.getId(),
                                remote(repository.getId(), repository.getLayout(), repository.getUrl()));
                    }
                }
            } else if (profile.getActivation() != null && !profile.getRepositories().isEmpty()) {
                LOG.warn("settings of Maven: the conditions of profile {} are not evaluated and its repositories not"
                        + " asked; name it in activeProfiles", Names.quote(profile.getId()));
            }
        }
        own().forEach(repository -> repositories.putIfAbsent(repository.getId(), repository));
        return new ArrayList<>(repositories.values());
    }

    /** What every project of Maven has, by the model that all inherit. */
    private static List<RemoteRepository> own() {
        return new DefaultSuperPomProvider()
                .setModelProcessor(new DefaultModelProcessor().setModelReader(new DefaultModelReader()))
                .getSuperModel("4.0.0").getRepositories().stream()
                .map(repository -> remote(repository.getId(), repository.getLayout(), repository.getUrl()))
                .toList();
    }

    private static RemoteRepository remote(String id, String layout, String url) {
        RepositoryPolicy releases = new RepositoryPolicy(
                true, RepositoryPolicy.UPDATE_POLICY_DAILY, RepositoryPolicy.CHECKSUM_POLICY_FAIL);
        RepositoryPolicy snapshots = new RepositoryPolicy(
                false, RepositoryPolicy.UPDATE_POLICY_NEVER, RepositoryPolicy.CHECKSUM_POLICY_FAIL);
        return new RemoteRepository.Builder(id, layout, url)
                .setReleasePolicy(releases).setSnapshotPolicy(snapshots).build();
    }
}
