package org.jformers.hub;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Turns what a user wrote into a model folder. */
public final class ModelSource {
    private ModelSource() {}

    /** The folder of a model; see {@link #folder(String, HubContents, TransferListener)}. */
    public static Path folder(String model) {
        return folder(model, HubContents.MODEL, TransferListener.NONE);
    }

    /**
     * The folder of a model: a path that exists stays what it is; {@code org/name} and {@code org/name@revision} are
     * ids of the hub that the environment names.
     *
     * @param contents what a download has to bring
     * @throws HubException if the text is neither, or the model cannot be had
     */
    public static Path folder(String model, HubContents contents, TransferListener listener) {
        if (exists(model)) {
            return Path.of(model);
        }
        ModelId id = ModelId.find(model).orElseThrow(() -> new HubException(
                "model: no such folder, and no model id (org/name or org/name@revision): " + model));
        try {
            return Hub.fromEnvironment().snapshot(id, contents, listener);
        } catch (HubException e) {
            throw new HubException("no such folder: " + Path.of(model).toAbsolutePath() + "; " + e.getMessage(), e);
        }
    }

    private static boolean exists(String model) {
        try {
            return !model.isEmpty() && Files.exists(Path.of(model));
        } catch (InvalidPathException e) {
            return false; // such as a colon on Windows
        }
    }
}
