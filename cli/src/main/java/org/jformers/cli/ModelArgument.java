package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.jformers.hub.HubContents;
import org.jformers.hub.ModelSource;
import org.jformers.hub.TransferListener;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The model that a user names, in any form that {@link ModelSource} takes; it comes under a progress display. */
final class ModelArgument {
    static final String DESCRIPTION = "The model's folder; or its id on the hub, org/name[@revision]; or a short "
            + "name of 'jformers models'; or mvn:group:artifact:version.";

    private ModelArgument() {}

    static Path folder(String model, HubContents contents, CommandSpec spec) {
        try (Display display = new Display(spec.commandLine().getErr())) {
            return ModelSource.folder(model, contents, display);
        }
    }

    /** Begins with the first bytes, so that nothing is shown where nothing is downloaded. */
    static final class Display implements TransferListener, AutoCloseable {
        private final PrintWriter err;
        private @Nullable Progress progress;

        Display(PrintWriter err) {
            this.err = err;
        }

        @Override
        public synchronized void progress(String file, long done, long total) {
            if (progress == null) {
                progress = Progress.startUnsaved("bytes", total, err);
            }
            progress.update(done, file);
        }

        @Override
        public synchronized void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }
}
