package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;

/**
 * What an export says of the encoder in it: the family by the names of its weights, sizes by their shapes, and by the
 * graph the number of heads (how queries are cut), the epsilon of the norms, the activation and the padding id.
 */
final class OnnxEncoder {
    static final String BERT = "bert";
    static final String ROBERTA = "roberta";
    static final String DISTILBERT = "distilbert";
    private static final Map<String, String> CLASSES =
            Map.of(BERT, "Bert", ROBERTA, "Roberta", DISTILBERT, "DistilBert");
    private static final String WORDS = "embeddings.word_embeddings.weight";
    private static final double DISTILBERT_EPSILON = 1e-12;
    private static final float TANH_GELU = 0.044715f;
    private static final Set<String> NO_ACTIVATION = Set.of(
            "Cast", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Identity", "Constant");

    private final OnnxGraph graph;
    private final Map<String, Tensor> tensors = new TreeMap<>();
    private final Map<String, OnnxLinear> linears = new TreeMap<>();
    private final String family;
    /** Names of the family's own weights begin with it: {@code bert.} where a head is beside it, or nothing. */
    private final String body;
    private final Layer layer;

    /** Names of a layer and the parts of it that the graph is asked about. */
    private record Layer(String prefix, String query, String inner, String outer) {}

    /** @param weights of the graph, under PyTorch's names */
    OnnxEncoder(OnnxGraph graph, OnnxWeights weights) {
        this.graph = graph;
        String words = only("tables of words (" + WORDS + ")",
                weights.tensors().keySet().stream().filter(name -> name.endsWith(WORDS)).toList());
        String before = words.substring(0, words.length() - WORDS.length());
        String named = CLASSES.keySet().stream()
                .filter(one -> before.equals(one + ".") || before.endsWith("." + one + ".")).findFirst().orElse("");
        String outside = named.isEmpty() ? before : before.substring(0, before.length() - named.length() - 1);
        weights.tensors().forEach((name, tensor) -> tensors.put(within(outside, name), tensor));
        weights.linears().forEach((module, linear) -> linears.put(within(outside, module), linear));
        body = named.isEmpty() ? "" : named + ".";
        boolean isDistil = tensors.containsKey(body + "transformer.layer.0.attention.q_lin.weight");
        layer = isDistil
                ? new Layer(body + "transformer.layer.", ".attention.q_lin", ".ffn.lin1", ".ffn.lin2")
                : new Layer(body + "encoder.layer.", ".attention.self.query", ".intermediate.dense", ".output.dense");
        if (graph.nodes().stream().anyMatch(node -> node.is("LessOrEqual", "Trilu"))) {
            throw new CheckpointException("ONNX: got a mask of what follows a token (LessOrEqual or Trilu), as decoders"
                    + " have it, allowed encoders");
        }
        boolean countsTokens = graph.nodes().stream().anyMatch(node -> node.is("CumSum"));
        family = isDistil ? DISTILBERT : countsTokens ? ROBERTA : BERT;
        if (!linears.containsKey(layer.prefix() + 0 + layer.query()) || !(named.isEmpty() || named.equals(family))) {
            throw new CheckpointException("ONNX: got an architecture with weights such as "
                    + linears.keySet().stream().limit(3).toList()
                    + ", allowed " + new TreeSet<>(CLASSES.values()));
        }
    }

    private static String within(String prefix, String name) {
        if (!name.startsWith(prefix)) {
            throw new CheckpointException("ONNX: got " + name + ", allowed weights of one model, which begin with "
                    + prefix);
        }
        return name.substring(prefix.length());
    }

    private static String only(String what, Collection<String> found) {
        if (found.size() != 1) {
            throw new CheckpointException("ONNX: got " + found.size() + " " + what + ", allowed 1: the encoders "
                    + new TreeSet<>(CLASSES.values()));
        }
        return found.iterator().next();
    }

    /** {@code config.json}. */
    ObjectNode config() {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        String head = head();
        config.putArray("architectures").add(CLASSES.get(family) + head);
        config.put("dtype", "float32").put("model_type", family).put("vocab_size", rows(WORDS))
                .put("max_position_embeddings", rows("embeddings.position_embeddings.weight"))
                .put("pad_token_id", padding());
        long width = tensor(body + WORDS).size(1);
        long inner = tensor(layer.prefix() + 0 + layer.inner() + ".weight").size(0);
        if (family.equals(DISTILBERT)) {
            if (epsilon() != DISTILBERT_EPSILON) {
                throw new CheckpointException("ONNX: got a DistilBert with norms of epsilon " + epsilon()
                        + ", allowed " + DISTILBERT_EPSILON);
            }
            config.put("activation", activation()).put("dim", width).put("hidden_dim", inner)
                    .put("n_heads", heads(width)).put("n_layers", layers()).put("sinusoidal_pos_embds", false);
        } else {
            config.put("hidden_act", activation()).put("hidden_size", width).put("intermediate_size", inner)
                    .put("layer_norm_eps", epsilon()).put("num_attention_heads", heads(width))
                    .put("num_hidden_layers", layers())
                    .put("type_vocab_size", rows("embeddings.token_type_embeddings.weight"));
        }
        labels(config, head);
        return config;
    }

    /** Weights under the names of the family's checkpoints. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> named = new TreeMap<>();
        boolean isBody = head().equals("Model");
        tensors.forEach((name, tensor) -> named.put(isBody ? name.substring(body.length()) : name, tensor));
        Tensor words = named.get(body + WORDS);
        for (String output : List.of("cls.predictions.decoder.weight", "lm_head.decoder.weight",
                "vocab_projector.weight")) {
            if (named.containsKey(output) && !named.get(output).equal(words)) {
                throw new CheckpointException("ONNX: got an output layer " + output
                        + " of its own, allowed that of the table of words");
            }
            named.remove(output);
        }
        return named;
    }

    private Tensor tensor(String name) {
        return Optional.ofNullable(tensors.get(name)).orElseThrow(() ->
                new CheckpointException("ONNX: " + name + " is missing"));
    }

    private long rows(String table) {
        return tensor(body + table).size(0);
    }

    private int layers() {
        int layers = 0;
        while (linears.containsKey(layer.prefix() + layers + layer.query())) {
            layers++;
        }
        return layers;
    }

    private boolean has(String part) {
        return tensors.keySet().stream().anyMatch(name -> name.startsWith(part));
    }

    /** The end of the class's name: what reads the hidden states. */
    private String head() {
        if (has("cls.predictions.") || has("lm_head.") || has("vocab_transform.")) {
            return has("cls.seq_relationship.") ? "ForPreTraining" : "ForMaskedLM";
        }
        if (has("cls.seq_relationship.")) {
            return "ForNextSentencePrediction";
        }
        if (has("qa_outputs.")) {
            return "ForQuestionAnswering";
        }
        if (!has("classifier.")) {
            return "Model";
        }
        OnnxLinear classifier = linears.get("classifier");
        if (classifier != null && classifier.outputs().stream()
                .anyMatch(value -> graph.readers(value).stream().anyMatch(node -> node.is("Reshape")))) {
            return "ForMultipleChoice";
        }
        return has("classifier.out_proj.") || has("pre_classifier.") || has(body + "pooler.")
                ? "ForSequenceClassification"
                : "ForTokenClassification";
    }

    private void labels(ObjectNode config, String head) {
        if (!head.equals("ForSequenceClassification") && !head.equals("ForTokenClassification")) {
            return;
        }
        boolean isDeep = has("classifier.out_proj.");
        long count = tensor(isDeep ? "classifier.out_proj.weight" : "classifier.weight").size(0);
        ObjectNode names = config.putObject("id2label");
        ObjectNode ids = config.putObject("label2id");
        for (int label = 0; label < count; label++) {
            names.put(String.valueOf(label), "LABEL_" + label);
            ids.put("LABEL_" + label, label);
        }
    }

    /** How many heads queries are cut into: the sizes before the last that {@code Reshape} is given. */
    private long heads(long width) {
        return same("numbers of heads", index -> {
            Set<Long> found = new TreeSet<>();
            for (String value : linear(layer.prefix() + index + layer.query()).outputs()) {
                for (OnnxNode node : graph.readers(value)) {
                    List<Long> sizes = node.is("Reshape") ? graph.tail(node.input(1)) : List.of();
                    if (sizes.size() >= 2) {
                        long heads = sizes.get(sizes.size() - 2);
                        long headDim = sizes.get(sizes.size() - 1);
                        found.add(heads > 0 || headDim < 1 ? heads : width / headDim);
                    }
                }
            }
            return found;
        });
    }

    /** The epsilon of all norms: an attribute, or what is added to the variance before its root. */
    private double epsilon() {
        Set<Double> found = new TreeSet<>();
        for (OnnxNode node : graph.nodes()) {
            if (node.is("LayerNormalization")) {
                found.add(Double.parseDouble(Float.toString(node.real("epsilon", 1e-5f))));
            } else if (node.is("Sqrt")) {
                graph.maker(node.input(0)).filter(maker -> maker.is("Add")).stream()
                        .flatMap(maker -> maker.inputs().stream())
                        .forEach(value -> graph.number(value).ifPresent(found::add));
            }
        }
        return one("epsilons of norms", found);
    }

    /** The activation between the two maps of a layer, under its name in transformers. */
    private String activation() {
        return same("activations", index -> {
            String name = layer.prefix() + index;
            return Set.of(activation(linear(name + layer.inner()), linear(name + layer.outer())));
        });
    }

    private OnnxLinear linear(String name) {
        OnnxLinear linear = linears.get(name);
        if (linear == null) {
            throw new CheckpointException("ONNX: a layer lacks " + name);
        }
        return linear;
    }

    private String activation(OnnxLinear inner, OnnxLinear outer) {
        Set<String> operators = new TreeSet<>();
        Set<Double> numbers = new TreeSet<>();
        Set<String> seen = new HashSet<>(inner.outputs());
        Deque<String> open = new ArrayDeque<>(List.of(outer.input()));
        while (!open.isEmpty()) {
            String value = open.pop();
            if (!seen.add(value)) {
                continue;
            }
            Optional<OnnxNode> maker = graph.maker(value);
            if (maker.isEmpty() || maker.get().is("Constant")) {
                graph.number(value).ifPresent(numbers::add);
                continue;
            }
            operators.add(maker.get().type());
            boolean isTanh = maker.get().is("Gelu") && maker.get().attributes().containsKey("approximate")
                    && maker.get().attributes().get("approximate").text().equals("tanh");
            if (isTanh) {
                numbers.add((double) TANH_GELU);
            }
            open.addAll(maker.get().inputs());
        }
        operators.removeAll(NO_ACTIVATION);
        boolean isTanhGelu = numbers.stream().anyMatch(number -> number.floatValue() == TANH_GELU);
        if (operators.contains("Erf") || (operators.equals(Set.of("Gelu")) && !isTanhGelu)) {
            return "gelu";
        }
        if (isTanhGelu && (operators.contains("Tanh") || operators.contains("Gelu"))) {
            return "gelu_new";
        }
        if (operators.equals(Set.of("Relu"))) {
            return "relu";
        }
        if (operators.equals(Set.of("Mul", "Sigmoid")) && numbers.isEmpty()) {
            return "silu";
        }
        if (operators.equals(Set.of("Tanh"))) {
            return "tanh";
        }
        throw new CheckpointException("ONNX: got an activation of " + operators
                + ", allowed gelu (Erf, Gelu), gelu_new (Tanh), relu, silu and tanh");
    }

    /** The id that RoBERTa counts its positions around: what the ids are compared with before they are counted. */
    private long padding() {
        if (!family.equals(ROBERTA)) {
            return 0;
        }
        Set<Double> found = new TreeSet<>();
        for (OnnxNode count : graph.nodes()) {
            String value = count.is("CumSum") ? count.input(0) : "";
            Optional<OnnxNode> maker = graph.maker(value);
            while (maker.isPresent() && maker.get().is("Cast", "Not")) {
                maker = graph.maker(maker.get().input(0));
            }
            maker.filter(node -> node.is("Equal")).ifPresent(node ->
                    node.inputs().forEach(input -> graph.number(input).ifPresent(found::add)));
        }
        return Math.round(one("padding ids", found));
    }

    private <T> T same(String what, Function<Integer, Set<T>> ofLayer) {
        Set<T> found = new TreeSet<>();
        for (int index = 0; index < layers(); index++) {
            found.addAll(ofLayer.apply(index));
        }
        return one(what, found);
    }

    private static <T> T one(String what, Set<T> found) {
        if (found.size() != 1) {
            throw new CheckpointException("ONNX: got the " + what + " " + found + ", allowed one for all layers");
        }
        return found.iterator().next();
    }
}
