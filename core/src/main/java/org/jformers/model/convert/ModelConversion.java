package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.LoadReport;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;

/** Makes model folders of models that other programs wrote. */
public final class ModelConversion {
    private static final List<ForeignFormat> FORMATS = List.of(
            new Llama2cFormat(), new CTranslate2Format(), new OnnxFormat());

    private ModelConversion() {}

    /**
     * Converts a model. The format is found by looking into the file; the folder that is made has been loaded once,
     * name by name.
     *
     * @param source the file or folder of another program
     * @param folder the model folder to make; it must be empty or not there yet
     * @throws CheckpointException if the format is unknown, the file is damaged or the folder cannot be written
     */
    public static void convert(Path source, Path folder) {
        ForeignFormat format = FORMATS.stream().filter(one -> one.matches(source)).findFirst().orElseThrow(() ->
                new CheckpointException("convert: unknown format, allowed "
                        + FORMATS.stream().map(ForeignFormat::description).collect(Collectors.joining("; "))
                        + ", in " + source));
        requireEmpty(folder);
        Scopes.run(() -> write(format.read(source), folder));
        Scopes.run(() -> requireWhole(folder));
    }

    /** Loads the folder once: nothing may be left over, or missing but a pooler, which exports of bodies often lack. */
    private static void requireWhole(Path folder) {
        AutoModel.Loaded loaded = AutoModel.load(folder, LoadRequest.DECLARED.withDevice(Device.CPU));
        loaded.model().close();
        LoadReport report = loaded.report();
        if (!report.unexpected().isEmpty() || !report.untied().isEmpty()) {
            throw new CheckpointException("convert: the weights are not those of the model that they were taken for: "
                    + report.summary() + ", in " + folder);
        }
    }

    /** The names of the formats that become folders of a {@code model_type}. */
    public static List<String> formats(String modelType) {
        return FORMATS.stream()
                .filter(format -> format.modelTypes().contains(modelType))
                .map(ForeignFormat::name)
                .toList();
    }

    static void requireEmpty(Path folder) {
        try {
            Files.createDirectories(folder);
            try (var files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new CheckpointException("convert: the folder is not empty, " + folder);
                }
            }
        } catch (IOException e) {
            throw new CheckpointException("convert: cannot use the folder " + folder + ": " + e.getMessage(), e);
        }
    }

    private static void write(ForeignFormat.Contents contents, Path folder) {
        CheckpointWriter.write(folder, contents.tensors());
        write(contents.config(), folder.resolve("config.json"));
        contents.tokenizers().forEach((within, tokenizer) ->
                write(tokenizer, folder.resolve(within).resolve("tokenizer.json")));
        contents.files().forEach((name, bytes) -> AtomicFile.write(folder.resolve(name), bytes));
    }

    private static void write(ObjectNode json, Path file) {
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new CheckpointException("convert: cannot make " + file.getParent() + ": " + e.getMessage(), e);
        }
        AtomicFile.write(file, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
