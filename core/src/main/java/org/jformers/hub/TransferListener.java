package org.jformers.hub;

/** Hears how far a download or an upload is. */
@FunctionalInterface
public interface TransferListener {
    /** Hears nothing. */
    TransferListener NONE = (file, done, total) -> {};

    /**
     * Called often and by several threads.
     *
     * @param file the file that went on
     * @param done bytes of all files that have come or gone; what an earlier attempt left counts
     * @param total bytes of all files
     */
    void progress(String file, long done, long total);
}
