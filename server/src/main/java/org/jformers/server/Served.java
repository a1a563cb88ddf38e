package org.jformers.server;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jformers.JformersException;
import org.jformers.hub.HubContents;
import org.jformers.hub.ModelSource;
import org.jformers.hub.TransferListener;

/**
 * A model that is to be served.
 *
 * @param name by which it is asked for
 * @param model its folder, its id on the hub, or whatever else {@link ModelSource} takes
 * @param adapters of it, by name; {@code name:adapter} asks for one
 */
record Served(String name, String model, Map<String, String> adapters) {
    private static final Pattern NAME = Pattern.compile("[\\p{Alnum}._@/:-]{1,200}");

    Served {
        if (!NAME.matcher(name).matches()) {
            throw new JformersException("model: got the name " + name
                    + ", allowed 1 to 200 letters, digits and . _ - @ / :");
        }
        adapters = Collections.unmodifiableMap(new LinkedHashMap<>(adapters)); // in their order
    }

    /** A model under the last part of its path, or under its id. */
    static Served of(String model) {
        return new Served(isFolder(model)
                ? String.valueOf(Path.of(model).toAbsolutePath().normalize().getFileName())
                : model, model, Map.of());
    }

    private static boolean isFolder(String model) {
        try {
            return Files.exists(Path.of(model));
        } catch (InvalidPathException e) {
            return false; // such as a colon on Windows
        }
    }

    Served with(String adapter, String from) {
        Map<String, String> more = new LinkedHashMap<>(adapters);
        if (adapter.contains(":") || more.put(adapter, from) != null) {
            throw new JformersException("adapter: got the name " + adapter + ", allowed one without : and but once");
        }
        return new Served(name, model, more);
    }

    /** The folders of its adapters. */
    Map<String, Path> adapterFolders(TransferListener listener) {
        Map<String, Path> folders = new LinkedHashMap<>();
        adapters.forEach((adapter, from) ->
                folders.put(adapter, ModelSource.folder(from, HubContents.ADAPTER, listener)));
        return folders;
    }
}
