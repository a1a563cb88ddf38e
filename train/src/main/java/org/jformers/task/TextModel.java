package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.LabelSet;
import org.jformers.data.RowEncoding;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.model.Config;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * A model of texts to start from, for a head on top of it.
 *
 * @param start what the run starts from
 * @param task what the head is for
 * @param config the configuration of the folder
 * @param tokenizer the tokenizer of the folder
 */
record TextModel(RunStart start, Task task, Config config, Tokenizer tokenizer) {
    /** Tokens of a row where neither model nor tokenizer has a limit. */
    private static final int LONGEST = 512;

    /** Reads what the folder says, no weights. */
    static TextModel of(RunStart start, Task task) {
        Path folder = start.folder().orElseThrow();
        Config config = AutoConfig.load(folder);
        AutoModel.check(config, task);
        return new TextModel(start, task, config, AutoTokenizer.load(folder));
    }

    /** The body of the folder's model, without a head; of T5 and its relatives the encoder alone. */
    static TextModel body(RunStart start) {
        Config config = AutoConfig.load(start.folder().orElseThrow());
        return of(start, AutoModel.oneOf(config, List.of(Task.ENCODER, Task.BASE)));
    }

    /**
     * How texts become rows.
     *
     * @param maxLength tokens of a row at most; 0 for as many as the model can read
     * @throws ExperimentException if the model cannot read so many
     */
    RowEncoding encoding(int maxLength) {
        return encoding(tokenizer, maxLength);
    }

    /** The same with a tokenizer made of its own. */
    RowEncoding encoding(Tokenizer changed, int maxLength) {
        return RowEncoding.of(changed, room(maxLength, LONGEST),
                changed.givesTypes() && AutoModel.inputs(config, task).contains("token_type_ids"));
    }

    /**
     * Tokens of a row at most.
     *
     * @param maxLength as set; 0 for as many as the model can read, but no more than usual
     * @throws ExperimentException if the model cannot read so many
     */
    int room(int maxLength, int usual) {
        int limit = limit();
        if (maxLength > limit) {
            throw new ExperimentException("task.max_length: got " + maxLength + ", allowed up to " + limit
                    + ", which the model can read");
        }
        return maxLength == 0 ? Math.min(limit, usual) : maxLength;
    }

    private int limit() {
        JsonNode json = ConfigJson.of(config);
        OptionalInt positions = Checks.positions(json);
        // These count from behind the padding token.
        boolean roberta = json.path("model_type").asText().matches(".*(roberta|camembert).*");
        int offset = roberta ? json.path("pad_token_id").asInt(1) + 1 : 0;
        int model = positions.isPresent() ? positions.getAsInt() - offset : Integer.MAX_VALUE;
        return Math.min(model, tokenizer.maxLength().orElse(Integer.MAX_VALUE));
    }

    /**
     * The labels of a model that has been trained for the task already, if those of the data are among them: it is
     * trained further. Otherwise the labels of the data, for a new head.
     */
    LabelSet labels(LabelSet found) {
        return labels(config, task, found);
    }

    /** The same for any model. */
    static LabelSet labels(Config config, Task task, LabelSet found) {
        boolean trained = AutoModel.declaredTask(config) == task && config.common().values().containsKey("id2label");
        LabelSet own = trained ? LabelSet.of(config.common().labels()) : found;
        return own.contains(found) ? own : found;
    }

    /** The token that ends a text, by the tokenizer's files or else the configuration. */
    OptionalInt end() {
        OptionalInt said = tokenizer.specialTokens().eos();
        return said.isPresent() ? said : config.common().eosTokenId().map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    /** Writes beside the weights what the folder has there: the tokenizer, how to write, how conversations read. */
    void complete(Path modelFolder) {
        tokenizer.save(modelFolder);
        Path folder = start.folder().orElseThrow();
        for (String name : List.of("generation_config.json", "chat_template.jinja")) {
            copy(folder.resolve(name), modelFolder.resolve(name));
        }
        Path templates = folder.resolve("additional_chat_templates");
        if (Files.isDirectory(templates)) {
            try (Stream<Path> files = Files.list(templates)) {
                Files.createDirectories(modelFolder.resolve(templates.getFileName()));
                files.forEach(file -> copy(file, modelFolder.resolve(folder.relativize(file))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void copy(Path from, Path to) {
        try {
            if (Files.isRegularFile(from)) {
                Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The model with a head for those labels. */
    Model model(List<String> labels, ProblemType type) {
        LoadRequest request = LoadRequest.of(task).withLabels(labels).withMode(LoadMode.REPLACED_HEAD);
        return start.load(task == Task.SEQUENCE_CLASSIFICATION ? request.withProblemType(type) : request);
    }
}
