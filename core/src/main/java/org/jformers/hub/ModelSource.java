package org.jformers.hub;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what a user wrote into a model folder. */
public final class ModelSource {
    // Two letters at least: one is a drive of Windows.
    private static final Pattern PLACE = Pattern.compile("([a-z]{2,}):(.*)", Pattern.DOTALL);
    /** Schemes that are not in this module, with what brings them. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "mvn", "org.jformers:jformers-artifacts", "classpath", "org.jformers:jformers-artifacts");

    private ModelSource() {}

    /** The folder of a model; see {@link #folder(String, HubContents, HubSettings.Access, TransferListener)}. */
    public static Path folder(String model) {
        return folder(model, HubContents.MODEL, TransferListener.NONE);
    }

    /** Whether the environment allows the network. */
    public static HubSettings.Access access() {
        return HubSettings.fromEnvironment().access();
    }

    /** The same with as much of the network as the environment allows. */
    public static Path folder(String model, HubContents contents, TransferListener listener) {
        return folder(model, contents, access(), listener);
    }

    /**
     * The folder of a model: a path that exists stays what it is; a short name is what {@link KnownModel} says; with a
     * word and a colon before it ({@code mvn:group:artifact:version}) it is the place of a {@link ModelScheme}; {@code
     * org/name} and {@code org/name@revision} are ids of the hub that the environment names.
     *
     * @param contents what a download from the hub has to bring
     * @param access whether the network may be used
     * @throws HubException if the text is neither, or the model cannot be had
     */
    public static Path folder(
            String model, HubContents contents, HubSettings.Access access, TransferListener listener) {
        if (exists(model)) {
            return Path.of(model);
        }
        Optional<Path> placed = place(model, access, listener);
        if (placed.isPresent()) {
            return placed.get();
        }
        ModelId id = ModelId.find(model).orElseThrow(() -> new HubException(
                "model: no such folder, and no model id (org/name, org/name@revision, or mvn:group:artifact:version): "
                        + model));
        try {
            return new Hub(HubSettings.fromEnvironment().with(access)).snapshot(id, contents, listener);
        } catch (HubException e) {
            throw new HubException("no such folder: " + Path.of(model).toAbsolutePath() + "; " + e.getMessage(), e);
        }
    }

    /**
     * The folder of a model that has a short name or a place with a scheme; empty for everything else.
     *
     * @throws HubException if the place cannot be one, its model cannot be had, or nothing knows its scheme
     */
    public static Optional<Path> place(String model, TransferListener listener) {
        return place(model, access(), listener);
    }

    private static Optional<Path> place(String model, HubSettings.Access access, TransferListener listener) {
        String place = written(model);
        Matcher parts = PLACE.matcher(place);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String name = parts.group(1);
        for (ModelScheme scheme : ServiceLoader.load(ModelScheme.class)) {
            if (scheme.name().equals(name)) {
                return Optional.of(scheme.folder(parts.group(2), access, listener));
            }
        }
        if (ELSEWHERE.containsKey(name)) {
            throw new HubException("model " + Names.quote(place) + ": add the dependency " + ELSEWHERE.get(name)
                    + ", which brings models of " + name + ": places");
        }
        return Optional.empty();
    }

    /** Whether a text has the form of a place with a scheme, or is a short name for one. */
    public static boolean isPlace(String model) {
        return PLACE.matcher(written(model)).matches();
    }

    /** The place that a short name stands for; every other text is what it is. */
    private static String written(String model) {
        return KnownModel.find(model).map(KnownModel::place).orElse(model);
    }

    private static boolean exists(String model) {
        try {
            return !model.isEmpty() && Files.exists(Path.of(model));
        } catch (InvalidPathException e) {
            return false; // such as a colon on Windows
        }
    }
}
