package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.function.Function;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;

/** The model of a folder, which belongs to whatever is made of it. */
final class FolderModel {
    private FolderModel() {}

    /**
     * Loads it before what {@code make} reads of the folder: what its weights lack weighs more than what other files
     * do. Its matrices are packed: it is only asked. It is closed if nothing can be made of it.
     */
    static <P> P of(Path folder, LoadRequest request, Function<Model, P> make) {
        Model model = AutoModel.load(folder, request.forInference()).model();
        try {
            return make.apply(model);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }
}
