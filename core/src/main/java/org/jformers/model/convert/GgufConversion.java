package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.checkpoint.GgufWriter;
import org.jformers.checkpoint.gguf.GgufType;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufValues;
import org.jformers.model.Model;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.GgufTokenizerValues;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a model folder as a GGUF file, as llama.cpp's conversion does. */
public final class GgufConversion {
    private static final Logger LOG = LoggerFactory.getLogger(GgufConversion.class);

    /** Types that matrices may have, and {@code general.file_type} of such files (llama.cpp's {@code llama_ftype}). */
    private static final Map<GgufType, Integer> TYPES = Map.of(
            GgufType.F32, 0, GgufType.F16, 1, GgufType.Q4_0, 2, GgufType.Q8_0, 7, GgufType.BF16, 32);

    /** Matrices that stay float32, for llama.cpp computes with them so. */
    private static final List<String> PLAIN = List.of("position_embd.", "token_types.", "attn_rel_b.");

    private GgufConversion() {}

    /**
     * Writes a model. Matrices get the type, all else is float32; matrices whose rows do not divide into blocks are
     * float16.
     *
     * @param folder a model folder
     * @param type one of F32, F16, BF16, Q8_0, Q4_0
     * @param file the file to write; it appears whole or not at all
     * @throws org.jformers.JformersException if llama.cpp does not know such models, or computes them otherwise
     */
    public static void write(Path folder, GgufType type, Path file) {
        if (!TYPES.containsKey(type)) {
            throw new CheckpointException("convert: got type " + type + ", allowed F32, F16, BF16, Q8_0, Q4_0");
        }
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException("convert: got " + folder + " to write as GGUF, allowed model folders");
        }
        Config config = AutoConfig.load(folder);
        write(ModelFamilies.of(String.valueOf(config.common().values().get("model_type"))), config, folder, type, file);
    }

    private static <C extends Config> void write(
            ModelFamily<C> family, Config config, Path folder, GgufType type, Path file) {
        Task declared = AutoModel.declaredTask(config);
        GgufForm<C> form = family.gguf().stream()
                .filter(one -> family.architectures().get(one.model()) == declared)
                .findFirst()
                .or(() -> family.gguf().stream().findFirst())
                .orElseThrow(() -> new ConfigException("convert: got a model of " + family.modelType()
                        + ", which llama.cpp does not know, allowed " + ModelFamilies.all().stream()
                                .filter(one -> !one.gguf().isEmpty()).map(ModelFamily::modelType).toList()));
        Task task = family.architectures().getOrDefault(form.model(), declared);
        LoadRequest request = LoadRequest.of(task).withDevice(Device.CPU)
                .withPrecision(FolderRewriting.precision(folder));
        try (Model model = AutoModel.load(folder, request).model()) {
            GgufTensors names = form.tensors().apply(family.configType().cast(model.config()));
            Scopes.run(() -> write(form.values(ConfigJson.of(model.config())), names, model, folder, type, file));
        }
    }

    private static void write(
            GgufValues values, GgufTensors names, Model model, Path folder, GgufType type, Path file) {
        List<GgufWriter.Entry> entries = new ArrayList<>();
        values.tensors().forEach((name, vector) ->
                entries.add(new GgufWriter.Entry(name, Tensors.ofFloats(vector, vector.length), GgufType.F32)));
        List<String> left = new ArrayList<>();
        model.named(model.weights()).forEach((stored, tensor) -> {
            String name = model.identity().weights().full(stored);
            if (names.ignores(name)) {
                left.add(stored);
            } else {
                entries.add(entry(names, name, tensor, type));
            }
        });
        if (!left.isEmpty()) {
            LOG.warn("{}: llama.cpp has no place for {}, which are not written", folder, left);
        }
        GgufWriter.write(file, values(values, folder, model, type), entries);
    }

    private static GgufWriter.Entry entry(GgufTensors names, String stored, Tensor tensor, GgufType type) {
        GgufTensors.Target target = names.inFile(stored).orElseThrow(() ->
                new CheckpointException("convert: got a tensor " + stored + ", which llama.cpp has no name for"));
        Tensor changed = target.toFile(tensor);
        String name = target.name();
        boolean matrix = changed.dim() == 2 && PLAIN.stream().noneMatch(name::contains);
        boolean divides = changed.dim() > 0 && changed.size(changed.dim() - 1) % type.blockElements() == 0;
        return new GgufWriter.Entry(name, changed, !matrix ? GgufType.F32 : divides ? type : GgufType.F16);
    }

    private static Map<String, Object> values(GgufValues values, Path folder, Model model, GgufType type) {
        Map<String, Object> all = new LinkedHashMap<>(values.values());
        Path name = folder.toAbsolutePath().normalize().getFileName();
        all.put("general.type", "model");
        all.put("general.name", name == null ? "model" : name.toString());
        all.put("general.file_type", TYPES.get(type));
        if (!type.isPlain()) {
            all.put("general.quantization_version", 2);
        }
        ObjectNode config = ConfigJson.of(model.config());
        tokenizer(folder, config.path("vocab_size").asInt()).forEach(all::putIfAbsent);
        for (String role : List.of("bos", "eos")) {
            if (config.path(role + "_token_id").isInt()) {
                all.putIfAbsent("tokenizer.ggml." + role + "_token_id", config.get(role + "_token_id").intValue());
            }
        }
        return all;
    }

    /** The tokenizer of a folder; llama.cpp also reads models without one. */
    private static Map<String, Object> tokenizer(Path folder, int vocabulary) {
        Tokenizer tokenizer;
        try {
            tokenizer = AutoTokenizer.load(folder);
        } catch (TokenizerException e) {
            LOG.warn("{}: no tokenizer is written: {}", folder, e.getMessage());
            return Map.of("tokenizer.ggml.model", "none");
        }
        Map<String, Object> values = new LinkedHashMap<>(GgufTokenizerValues.of(tokenizer, vocabulary));
        ChatTemplate.source(folder).ifPresent(source -> values.put("tokenizer.chat_template", source));
        return values;
    }
}
