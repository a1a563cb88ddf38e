package org.jformers.hub;

/** Hears how far a download is. */
@FunctionalInterface
public interface DownloadListener {
    /** Hears nothing. */
    DownloadListener NONE = (file, done, total) -> {};

    /**
     * Called often and by several threads.
     *
     * @param file the file that grew
     * @param done bytes of all files that are here; what an earlier download left counts
     * @param total bytes of all files
     */
    void progress(String file, long done, long total);
}
