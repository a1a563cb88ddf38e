package org.jformers.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.model.ConfigException;
import org.jformers.model.head.SentencePooling;
import org.jformers.model.head.SentencePooling.Kind;
import org.jformers.text.ForeignJson;

/**
 * What sentence-transformers keeps beside a model: {@code modules.json}, {@code 1_Pooling/config.json}, {@code
 * sentence_bert_config.json}. Written so that its versions from 2 on read it. Reference: sentence-transformers 6.0,
 * {@code base/model.py}.
 *
 * @param pooling how the vectors of tokens become one
 * @param maxLength tokens of a text at most, special ones counted; empty where nothing is said
 */
public record SentenceModules(SentencePooling pooling, OptionalInt maxLength) {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String MODULES = "modules.json";
    private static final String TRANSFORMER = "sentence_bert_config.json";
    private static final String SENTENCES = "config_sentence_transformers.json";
    private static final String MODULE = "sentence_transformers.models.";

    /** Kinds of pooling by the names of newer files; older ones have a flag for each, and in part others. */
    private static final Map<String, Kind> KINDS = Map.of(
            "mean", Kind.MEAN, "cls", Kind.CLS, "max", Kind.MAX, "lasttoken", Kind.LAST_TOKEN);
    private static final Map<String, String> FLAGS = new LinkedHashMap<>();

    static {
        FLAGS.put("pooling_mode_cls_token", "cls");
        FLAGS.put("pooling_mode_mean_tokens", "mean");
        FLAGS.put("pooling_mode_max_tokens", "max");
        FLAGS.put("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens");
        FLAGS.put("pooling_mode_weightedmean_tokens", "weightedmean");
        FLAGS.put("pooling_mode_lasttoken", "lasttoken");
    }

    /**
     * What a model folder has of it; empty if it has no {@code modules.json}.
     *
     * @throws ConfigException for a module, a pooling or a prompt that is not supported
     */
    public static Optional<SentenceModules> find(Path folder) {
        Path file = folder.resolve(MODULES);
        return Files.isRegularFile(file) ? Optional.of(read(folder, file)) : Optional.empty();
    }

    private static SentenceModules read(Path folder, Path file) {
        Optional<Kind> kind = Optional.empty();
        boolean normalized = false;
        for (JsonNode module : tree(file)) {
            String type = module.path("type").asText();
            String path = module.path("path").asText();
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "Transformer" -> requireRoot(path, file);
                case "Pooling" -> kind = Optional.of(kind(folder.resolve(path).resolve("config.json")));
                case "Normalize" -> normalized = true;
                default -> throw new ConfigException("sentence modules: got " + type
                        + ", allowed Transformer, Pooling, Normalize, in " + file);
            }
        }
        SentencePooling pooling = new SentencePooling(
                kind.orElseThrow(() -> 
                        new ConfigException("sentence modules: got no Pooling, allowed one, in " + file)),
                normalized);
        requireNoPrompt(folder.resolve(SENTENCES));
        return new SentenceModules(pooling, maxLength(folder.resolve(TRANSFORMER)));
    }

    /** What is made of a cross-encoder's number, a class of PyTorch, where a model folder says it. */
    static Optional<String> activation(Path folder) {
        Path file = folder.resolve(SENTENCES);
        requireNoPrompt(file);
        return Files.isRegularFile(file)
                ? Optional.ofNullable(tree(file).path("activation_fn").textValue())
                : Optional.empty();
    }

    private static void requireRoot(String path, Path file) {
        if (!path.isEmpty()) {
            throw new ConfigException("sentence modules: got a Transformer in " + path
                    + ", allowed one beside modules.json, in " + file);
        }
    }

    private static Kind kind(Path file) {
        JsonNode config = tree(file);
        List<String> modes = new ArrayList<>();
        if (config.has("pooling_mode")) {
            JsonNode said = config.get("pooling_mode");
            (said.isArray() ? said : new ArrayNode(MAPPER.getNodeFactory(), List.of(said)))
                    .forEach(mode -> modes.add(mode.asText()));
        } else {
            FLAGS.forEach((flag, mode) -> {
                if (config.path(flag).asBoolean(false)) {
                    modes.add(mode);
                }
            });
        }
        // As in the reference, files that say nothing mean the mean.
        Kind kind = modes.isEmpty() ? Kind.MEAN : KINDS.get(modes.get(0));
        if (kind == null || modes.size() > 1) {
            throw new ConfigException("sentence modules: got pooling " + String.join(", ", modes)
                    + ", allowed one of cls, lasttoken, max, mean, in " + file);
        }
        return kind;
    }

    /** A prompt that goes before every text would have to be one of the tokenizer's. */
    private static void requireNoPrompt(Path file) {
        if (Files.isRegularFile(file) && tree(file).path("default_prompt_name").isTextual()) {
            throw new ConfigException("sentence modules: got default_prompt_name "
                    + tree(file).get("default_prompt_name") + ", allowed null, in " + file);
        }
    }

    private static OptionalInt maxLength(Path file) {
        if (!Files.isRegularFile(file)) {
            return OptionalInt.empty();
        }
        JsonNode config = tree(file);
        if (config.path("do_lower_case").asBoolean(false)) {
            throw new ConfigException("sentence modules: got do_lower_case true, allowed false, for the tokenizer says"
                    + " what becomes of large letters, in " + file);
        }
        int length = config.path("max_seq_length").asInt(0);
        return length > 0 ? OptionalInt.of(length) : OptionalInt.empty();
    }

    /**
     * Writes the files into a model folder.
     *
     * @param width C, components of a vector
     */
    public void save(Path folder, int width) {
        ArrayNode modules = MAPPER.createArrayNode();
        add(modules, "", "Transformer");
        add(modules, "1_Pooling", "Pooling");
        if (pooling.normalized()) {
            add(modules, "2_Normalize", "Normalize");
            write(folder.resolve("2_Normalize").resolve("config.json"), MAPPER.createObjectNode());
        }
        write(folder.resolve(MODULES), modules);
        ObjectNode pooled = MAPPER.createObjectNode().put("word_embedding_dimension", width);
        FLAGS.forEach((flag, mode) -> pooled.put(flag, KINDS.get(mode) == pooling.kind()));
        write(folder.resolve("1_Pooling").resolve("config.json"), pooled.put("include_prompt", true));
        ObjectNode transformer = MAPPER.createObjectNode();
        maxLength.ifPresentOrElse(
                length -> transformer.put("max_seq_length", length), () -> transformer.putNull("max_seq_length"));
        write(folder.resolve(TRANSFORMER), transformer.put("do_lower_case", false));
        ObjectNode sentences = MAPPER.createObjectNode();
        sentences.putObject("prompts");
        write(folder.resolve(SENTENCES),
                sentences.putNull("default_prompt_name").put("similarity_fn_name", "cosine"));
    }

    private static void add(ArrayNode modules, String path, String type) {
        int index = modules.size();
        modules.addObject().put("idx", index).put("name", Integer.toString(index)).put("path", path)
                .put("type", MODULE + type);
    }

    private static JsonNode tree(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new ConfigException("sentence modules: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("sentence modules: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
    }

    private static void write(Path file, JsonNode json) {
        AtomicFile.write(file, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
