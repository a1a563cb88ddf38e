package org.jformers.model.convert;

import java.nio.file.Path;
import org.jformers.model.auto.LoadRequest;

/** Makes model folders of a base with an adapter merged into it. */
public final class AdapterMerging {
    private AdapterMerging() {}

    /**
     * Merges an adapter into a model. Weights keep the number format that the base stores them in; tokenizer, templates
     * and settings of generation come along.
     *
     * @param base the base's folder
     * @param adapter the adapter's folder
     * @param folder the model folder to make; it must be empty or not there yet
     * @throws org.jformers.JformersException if the adapter does not fit the base, or the folder cannot be written
     */
    public static void merge(Path base, Path adapter, Path folder) {
        FolderRewriting.write(base, LoadRequest.DECLARED.withAdapter(adapter), folder);
    }
}
