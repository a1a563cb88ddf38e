package org.jformers.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.family.Vaswani;
import org.jformers.model.kind.ContrastiveModel;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.kind.TextToSpeechModel;
import org.jformers.model.kind.TextToSpeechModel.Ending;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.testkit.GoldenModel.Case;

/** Uses a model as one case of a golden file says, and names what comes out as the file does. */
final class GoldenCase {
    private static final Set<String> KINDS = Set.of("forward", "incremental", "method", "segments", "vaswani");
    private static final Set<String> METHODS = Set.of("get_text_features", "get_image_features", "generate_speech");
    private static final Set<String> ARGUMENTS = Set.of(
            "output_hidden_states", "output_attentions", "output_router_logits", "use_cache", "use_mems",
            "interpolate_pos_encoding", "return_loss", "threshold", "minlenratio", "maxlenratio");

    private final GoldenModel golden;
    private final Model model;
    private final Case one;

    GoldenCase(GoldenModel golden, Model model, Case one) {
        this.golden = golden;
        this.model = model;
        this.one = one;
    }

    /**
     * What came out.
     *
     * @param tensors by the names of the golden file
     * @param source positions of the encoder's input that have a defined value; empty if all have
     * @param target the same for everything else
     */
    record Outputs(Map<String, Tensor> tensors, Optional<Rows> source, Optional<Rows> target) {
        /** Which positions of an output have a defined value. */
        Optional<Rows> rows(String name) {
            if (name.equals("positions")) {
                return Optional.empty();
            }
            return name.startsWith("encoder_") || name.startsWith("src_") ? source : target;
        }
    }

    /** What the project would have to have for this case, if it does not have it. */
    static Optional<String> lacking(Case one) {
        if (!KINDS.contains(one.kind())) {
            return Optional.of("kind " + one.kind());
        }
        if (one.kind().equals("method") && !METHODS.contains(method(one))) {
            return Optional.of("method " + method(one));
        }
        for (Map.Entry<String, JsonNode> argument : one.arguments().properties()) {
            // What is switched off is what happens anyway.
            boolean off = argument.getValue().isBoolean() && !argument.getValue().booleanValue();
            if (!off && !ARGUMENTS.contains(argument.getKey())) {
                return Optional.of("argument " + argument.getKey());
            }
        }
        return one.kind().equals("vaswani")
                ? Optional.empty()
                : one.inputs().keySet().stream()
                        .filter(name -> !ModelInputs.NAMES.contains(name))
                        .findFirst()
                        .map(name -> "input " + name);
    }

    Outputs run() {
        Map<String, Tensor> inputs = golden.inputs(one);
        return switch (one.kind()) {
            case "forward" -> masked(model.forward(asking(inputs)).tensors(), inputs);
            case "incremental" -> masked(incremental(inputs), inputs);
            case "segments" -> masked(segments(inputs), inputs);
            case "method" -> masked(method(asking(inputs)), inputs);
            case "vaswani" -> vaswani(inputs);
            default -> throw new IllegalStateException(one.kind());
        };
    }

    private static String method(Case one) {
        return one.options().path("method").asText();
    }

    private Map<String, Tensor> method(ModelInputs inputs) {
        if (model instanceof ContrastiveModel contrastive) {
            boolean texts = method(one).equals("get_text_features");
            return (texts ? contrastive.textFeatures(inputs) : contrastive.imageFeatures(inputs)).tensors();
        }
        if (model instanceof TextToSpeechModel speaker) {
            return Map.of("result", speaker.generateSpeech(inputs, ending()).get(0));
        }
        throw new JformersException("method " + method(one) + ": got " + model.identity().architecture());
    }

    private Ending ending() {
        Ending standard = Ending.DEFAULT;
        return new Ending(
                one.arguments().path("threshold").asDouble(standard.threshold()),
                one.arguments().path("minlenratio").asDouble(standard.leastFrames()),
                one.arguments().path("maxlenratio").asDouble(standard.mostFrames()));
    }

    private ModelInputs asking(Map<String, Tensor> inputs) {
        ModelInputs asking = ModelInputs.of(inputs);
        if (one.arguments().path("output_hidden_states").asBoolean()) {
            asking = asking.askingHiddenStates();
        }
        if (one.arguments().path("output_attentions").asBoolean()) {
            asking = asking.askingAttentions();
        }
        if (one.arguments().path("output_router_logits").asBoolean()) {
            asking = asking.askingRouterLogits();
        }
        if (one.arguments().path("interpolate_pos_encoding").asBoolean()) {
            asking = asking.asking(ModelInputs.Option.INTERPOLATED_POSITIONS);
        }
        return one.arguments().path("return_loss").asBoolean()
                ? asking.asking(ModelInputs.Option.PAIR_LOSS)
                : asking;
    }

    private Outputs masked(Map<String, Tensor> outputs, Map<String, Tensor> inputs) {
        Optional<Rows> rows = one.compareWhere().map(where -> {
            if (!where.equals("attention_mask") || !inputs.containsKey(where)) {
                throw new JformersException("golden.json: compare_where: got " + where + ", allowed attention_mask");
            }
            return Rows.where(inputs.get(where));
        });
        return new Outputs(outputs, rows, rows);
    }

    /** Feeds one input piece by piece, with keys and values of the earlier pieces in a cache. */
    private Map<String, Tensor> incremental(Map<String, Tensor> inputs) {
        String along = one.options().path("along").asText("input_ids");
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        KeyValueCache cache = model.newCache();
        try (cache) {
            long read = 0;
            int step = 0;
            for (JsonNode width : one.options().path("splits")) {
                Map<String, Tensor> piece = new LinkedHashMap<>(inputs);
                piece.put(along, of(inputs, along).narrow(1, read, width.asLong()));
                read += width.asLong();
                long seen = read;
                if (along.equals("input_ids")) {
                    piece.computeIfPresent("attention_mask", (name, mask) -> mask.narrow(1, 0, seen));
                }
                String prefix = "step." + step++ + ".";
                ModelOutput output = model.forward(asking(piece).withCache(cache));
                output.tensors().forEach((name, tensor) -> outputs.put(prefix + name, tensor));
            }
            for (int layer = 0; layer < cache.layers(); layer++) {
                put(outputs, "cache." + layer, cache.keys(layer), cache.values(layer));
                put(outputs, "cache.self." + layer, cache.keys(layer), cache.values(layer));
                if (cache.hasMemory()) {
                    put(outputs, "cache.cross." + layer, cache.memoryKeys(layer), cache.memoryValues(layer));
                }
            }
        }
        return outputs;
    }

    /** Feeds the ids piece by piece, the memory that comes out with one piece going in with the next. */
    private Map<String, Tensor> segments(Map<String, Tensor> inputs) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        Map<String, Tensor> memory = new LinkedHashMap<>();
        long read = 0;
        int step = 0;
        for (JsonNode width : one.options().path("splits")) {
            Map<String, Tensor> piece = new LinkedHashMap<>(memory);
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                piece.put(input.getKey(), input.getValue().narrow(1, read, width.asLong()));
            }
            read += width.asLong();
            String prefix = "step." + step++ + ".";
            model.forward(asking(piece)).tensors().forEach((name, tensor) -> {
                outputs.put(prefix + name, tensor);
                if (name.startsWith("mems.")) {
                    memory.put(name, tensor);
                }
            });
        }
        return outputs;
    }

    /** A sliding window's cache holds the last positions only; ours may hold more, and those must be the same. */
    private void put(Map<String, Tensor> outputs, String name, Tensor key_BGSD, Tensor value_BGSD) {
        if (!one.outputs().containsKey(name + ".key")) {
            return;
        }
        long keys = key_BGSD.size(2);
        long wanted = Math.min(keys, Objects.requireNonNull(one.outputs().get(name + ".key")).get(2));
        outputs.put(name + ".key", key_BGSD.narrow(2, keys - wanted, wanted));
        outputs.put(name + ".value", value_BGSD.narrow(2, keys - wanted, wanted));
    }

    private static Tensor of(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /** The original Transformer, whose padding is an id. */
    private Outputs vaswani(Map<String, Tensor> inputs) {
        if (!(model instanceof Seq2SeqModel seq2seq) || !(model.config() instanceof Vaswani.Config config)) {
            throw new JformersException("kind vaswani: got " + model.identity().architecture());
        }
        Tensor source = of(inputs, "src");
        Tensor target = of(inputs, "tgt");
        Tensor realSource = source.ne(new Scalar((long) config.padId()));
        Tensor realTarget = target.ne(new Scalar((long) config.padId()));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("input_ids", source);
        tensors.put("attention_mask", realSource.to(ScalarType.Long));
        tensors.put("decoder_input_ids", target);
        tensors.put("decoder_attention_mask", realTarget.to(ScalarType.Long));
        tensors.put("labels", inputs.get("labels"));
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        model.forward(ModelInputs.of(tensors).askingHiddenStates()).tensors().forEach((name, tensor) ->
                outputs.put(vaswaniName(name), tensor));
        InputEmbedding entrance = (InputEmbedding) seq2seq.body().encoder().input();
        entrance.positions().ifPresent(table -> outputs.put("positions", ((SinusoidalPositions) table).table()));
        if (!one.compareWhere().equals(Optional.of("not_pad"))) {
            throw new JformersException("golden.json: compare_where: got " + one.compareWhere() + ", allowed not_pad");
        }
        return new Outputs(outputs, Optional.of(Rows.where(realSource)), Optional.of(Rows.where(realTarget)));
    }

    private static String vaswaniName(String name) {
        return switch (name) {
            case "encoder_hidden_states.0" -> "src_embedded";
            case "encoder_last_hidden_state" -> "encoder_output";
            case "decoder_last_hidden_state" -> "decoder_output";
            default -> name.replace("coder_layers.", "coder_layer.");
        };
    }
}
