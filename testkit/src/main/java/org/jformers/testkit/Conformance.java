package org.jformers.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.JformersException;

/**
 * Holds an implementation against the values that the reference computes. A folder conforms when it loads as it is and
 * everything that its golden files name comes out within their tolerances.
 */
public final class Conformance {
    private Conformance() {}

    /**
     * Runs one folder: a tokenizer if it has {@code golden.jsonl}, a model if it has {@code golden.json}.
     *
     * @throws JformersException if it has neither
     */
    public static ConformanceResult run(Path folder) {
        if (Files.isRegularFile(folder.resolve(TokenizerConformance.LINES))) {
            return TokenizerConformance.run(folder);
        }
        if (Files.isRegularFile(folder.resolve(GoldenModel.INDEX))) {
            return ModelConformance.run(folder);
        }
        throw new JformersException("conformance: neither " + TokenizerConformance.LINES + " nor " + GoldenModel.INDEX
                + " is in " + folder);
    }

    /**
     * The folders to run: this one if it has golden files, otherwise those below it that have.
     *
     * @throws JformersException if there are none
     */
    public static List<Path> folders(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new JformersException("conformance: no such folder, " + folder);
        }
        if (isGolden(folder)) {
            return List.of(folder);
        }
        List<Path> below = Fixtures.children(folder).stream().filter(Conformance::isGolden).toList();
        if (below.isEmpty()) {
            throw new JformersException("conformance: neither " + TokenizerConformance.LINES + " nor "
                    + GoldenModel.INDEX + " is in " + folder + " or a folder in it");
        }
        return below;
    }

    /** Whether a folder has golden files itself. */
    public static boolean isGolden(Path folder) {
        return Files.isRegularFile(folder.resolve(TokenizerConformance.LINES))
                || Files.isRegularFile(folder.resolve(GoldenModel.INDEX));
    }
}
