package org.jformers.artifacts;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jformers.hub.HubException;
import org.jformers.hub.HubSettings;
import org.jformers.hub.ModelCache;
import org.jformers.hub.ModelScheme;
import org.jformers.hub.Names;
import org.jformers.hub.TransferListener;

/** {@code classpath:path/in/jar}: a model folder on the class path, in a jar or in a folder of classes. */
public final class ClassPathScheme implements ModelScheme {
    private final Supplier<ClassLoader> loader;
    private final Supplier<ModelCache> cache;

    /** With the class path of the calling thread and the cache of this user. */
    public ClassPathScheme() {
        this(() -> Objects.requireNonNullElse(
                Thread.currentThread().getContextClassLoader(), ClassPathScheme.class.getClassLoader()),
                ModelCache::fromEnvironment);
    }

    ClassPathScheme(Supplier<ClassLoader> loader, Supplier<ModelCache> cache) {
        this.loader = loader;
        this.cache = cache;
    }

    @Override
    public String name() {
        return "classpath";
    }

    @Override
    public Path folder(String place, HubSettings.Access access, TransferListener listener) {
        String model = "classpath:" + place;
        String path = Names.requireInside(place, "a model on the class path");
        try {
            List<URL> found = Collections.list(loader.get().getResources(path + "/config.json"));
            if (found.size() != 1) {
                throw new HubException("model " + Names.quote(model) + ": found " + found.size()
                        + " times on the class path, allowed once: a folder with config.json");
            }
            URL config = found.get(0);
            if (config.getProtocol().equals("file")) {
                return Path.of(config.toURI()).resolveSibling("");
            }
            return unpacked(model, path, config);
        } catch (IOException | URISyntaxException e) {
            throw new HubException("model " + Names.quote(model) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private Path unpacked(String model, String path, URL config) throws IOException, URISyntaxException {
        if (!(config.openConnection() instanceof JarURLConnection connection)
                || !connection.getJarFileURL().getProtocol().equals("file")) {
            throw new HubException("model " + Names.quote(model) + ": lies in " + config.getProtocol()
                    + ":, allowed jars and folders of the class path");
        }
        Path file = Path.of(connection.getJarFileURL().toURI());
        ModelJar jar = new ModelJar(file, model);
        return cache.get().get("classpath", file, path, folder -> jar.unpack(path + "/", folder));
    }
}
