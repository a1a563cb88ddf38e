package org.jformers.artifacts;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.hub.HubSettings;

/**
 * Where Maven keeps its settings and its artifacts on this machine.
 *
 * @param userSettings {@code ~/.m2/settings.xml}; need not be there
 * @param globalSettings the settings of the installation, if there is one
 * @param security {@code ~/.m2/settings-security.xml}, which opens encrypted passwords; need not be there
 * @param localRepository where the settings name none
 * @param namedRepository the local repository that {@code -Dmaven.repo.local} names, before the settings
 * @param access whether the network may be used; the settings may forbid it as well
 */
record MavenPlaces(
        Path userSettings, Optional<Path> globalSettings, Path security, Path localRepository,
        Optional<Path> namedRepository, HubSettings.Access access) {

    /** Those of this user, with the access that the hub's variables say. */
    static MavenPlaces fromEnvironment() {
        Path home = Path.of(System.getProperty("user.home"), ".m2");
        return new MavenPlaces(home.resolve("settings.xml"), installation(System.getenv()),
                home.resolve("settings-security.xml"), home.resolve("repository"),
                Optional.ofNullable(System.getProperty("maven.repo.local")).map(Path::of),
                HubSettings.fromEnvironment().access());
    }

    /** The same with no more of the network than a caller allows. */
    MavenPlaces with(HubSettings.Access other) {
        return other == HubSettings.Access.ONLINE
                ? this
                : new MavenPlaces(userSettings, globalSettings, security, localRepository, namedRepository, other);
    }

    /** The settings of the Maven that {@code MAVEN_HOME} or {@code M2_HOME} names, else that of the path. */
    private static Optional<Path> installation(Map<String, String> environment) {
        Stream<Path> named = Stream.of("MAVEN_HOME", "M2_HOME")
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .map(Path::of);
        Stream<Path> found = Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "mvn"))
                .filter(Files::isRegularFile)
                .limit(1)
                .flatMap(command -> real(command).stream())
                .flatMap(command -> Stream.ofNullable(command.resolveSibling("").getParent()));
        return Stream.concat(named, found)
                .map(home -> home.resolve("conf").resolve("settings.xml"))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Optional<Path> real(Path command) {
        try {
            return Optional.of(command.toRealPath()).filter(path -> path.getNameCount() > 2);
        } catch (IOException e) {
            return Optional.empty(); // a link to nothing
        }
    }
}
