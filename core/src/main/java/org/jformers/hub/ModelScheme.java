package org.jformers.hub;

import java.nio.file.Path;

/**
 * A kind of place that models come from, named by what stands before a colon: {@code mvn:group:artifact:version}. Found
 * by {@link java.util.ServiceLoader}, so that what a place needs is on the class path of those alone who use it.
 */
public interface ModelScheme {
    /** What stands before the colon. */
    String name();

    /**
     * The folder of a model.
     *
     * @param place what follows the colon
     * @param access whether the network may be used
     * @param listener hears how far a download is
     * @throws HubException if the place cannot be one, or the model cannot be had
     */
    Path folder(String place, HubSettings.Access access, TransferListener listener);
}
