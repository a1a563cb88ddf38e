package org.jformers.artifacts;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jformers.hub.HubSettings;
import org.jformers.hub.ModelCache;
import org.jformers.hub.ModelScheme;
import org.jformers.hub.TransferListener;

/**
 * {@code mvn:group:artifact:version}: a model in the jar of a Maven artifact. The jar comes from where Maven's own
 * settings say, into the local repository that builds use too.
 */
public final class MavenScheme implements ModelScheme {
    private final Supplier<MavenPlaces> places;
    private final Supplier<ModelCache> cache;

    /** With the settings and the cache of this user. */
    public MavenScheme() {
        this(MavenPlaces::fromEnvironment, ModelCache::fromEnvironment);
    }

    MavenScheme(Supplier<MavenPlaces> places, Supplier<ModelCache> cache) {
        this.places = places;
        this.cache = cache;
    }

    @Override
    public String name() {
        return "mvn";
    }

    @Override
    public Path folder(String place, HubSettings.Access access, TransferListener listener) {
        MavenCoordinates coordinates = MavenCoordinates.of(place);
        Path file = new MavenRepositories(places.get().with(access)).jar(coordinates, listener);
        ModelJar jar = new ModelJar(file, coordinates.toString());
        String name = coordinates.group() + "--" + coordinates.artifact() + "--" + coordinates.version();
        return cache.get().get(name, file, "", jar::makeModel);
    }
}
