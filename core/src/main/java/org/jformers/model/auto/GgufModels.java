package org.jformers.model.auto;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufHead;
import org.jformers.model.ModelFamily;
import org.jformers.text.gguf.GgufMetadata;

/** GGUF files as models: each family says how llama.cpp keeps its own. */
final class GgufModels {
    private GgufModels() {}

    /** Whether a path is to be read as such a file. */
    static boolean isNamed(Path path) {
        return path.getFileName() != null && path.getFileName().toString().endsWith(".gguf");
    }

    /**
     * What {@code config.json} would say of the model in a file.
     *
     * @throws org.jformers.JformersException if the file is damaged, or describes a model that cannot be built
     */
    static ObjectNode config(Path file) {
        GgufMetadata metadata = GgufMetadata.read(file);
        String architecture = metadata.text("general.architecture");
        for (ModelFamily<?> family : ModelFamilies.all()) {
            Optional<? extends GgufForm<?>> form = form(family, metadata);
            if (form.isPresent()) {
                return form.get().config(family.modelType(), metadata);
            }
        }
        throw new ConfigException("gguf: got general.architecture " + architecture + ", allowed "
                + ModelFamilies.all().stream().flatMap(family -> family.gguf().stream())
                        .map(GgufForm::architecture).distinct().toList()
                + ", in " + file);
    }

    private static <C extends Config> Optional<GgufForm<C>> form(ModelFamily<C> family, GgufMetadata metadata) {
        GgufHead head = new GgufHead(metadata);
        return family.gguf().stream()
                .filter(form -> form.architecture().equals(head.architecture()) && form.reads().test(head))
                .findFirst();
    }

    /** The weights of a file under the names of a folder of that configuration. */
    static Checkpoint checkpoint(Path file, Config config) {
        return Checkpoint.open(file, tensors(AutoModel.family(config), config, GgufMetadata.read(file)));
    }

    private static <C extends Config> GgufTensors tensors(
            ModelFamily<C> family, Config config, GgufMetadata metadata) {
        return form(family, metadata).orElseThrow(() -> new ConfigException("gguf: got "
                        + family.modelType() + " for a file of another family, in " + metadata.file()))
                .tensors().apply(family.configType().cast(config));
    }
}
