package org.jformers.model.convert;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jformers.checkpoint.CheckpointException;

/**
 * One step of a graph. Source: {@code NodeProto} and {@code AttributeProto} of onnx.proto3, ONNX 1.23.
 *
 * @param type the operator, such as {@code MatMul}
 * @param inputs names of values; empty where an optional one is left out
 * @param outputs names of values
 * @param attributes what its operator is told, by name
 * @param metadata what the exporter notes about it
 */
record OnnxNode(
        String name,
        String type,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes,
        Map<String, String> metadata) {
    /** Where PyTorch's exporter of 2025 notes the modules around a step, outermost first, and the step itself. */
    private static final String SCOPES = "pkg.torch.onnx.name_scopes";
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

    /** Numbers, a text or a tensor. */
    record Attribute(List<Float> reals, List<Long> integers, String text, Optional<OnnxTensor> tensor) {}

    static OnnxNode parse(ProtobufFields in, OnnxTensor.External external) {
        String name = "";
        String type = "";
        String domain = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, Attribute> attributes = new HashMap<>();
        Map<String, String> metadata = new HashMap<>();
        while (in.next()) {
            switch (in.number()) {
                case 1 -> inputs.add(in.text());
                case 2 -> outputs.add(in.text());
                case 3 -> name = in.text();
                case 4 -> type = in.text();
                case 5 -> attribute(in.message(), attributes, external);
                case 7 -> domain = in.text();
                case 9 -> OnnxFile.entry(in.message(), metadata);
                default -> { } // a comment, an overload, devices: they change no number
            }
        }
        if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
            throw new CheckpointException("ONNX: got the operator " + domain + "." + type + ", allowed those of ONNX"
                    + " itself; convert the export as it was before a runtime optimized it");
        }
        return new OnnxNode(name, type, inputs, outputs, attributes, metadata);
    }

    private static void attribute(
            ProtobufFields in, Map<String, Attribute> attributes, OnnxTensor.External external) {
        String name = "";
        List<Float> reals = new ArrayList<>();
        List<Long> integers = new ArrayList<>();
        String text = "";
        Optional<OnnxTensor> tensor = Optional.empty();
        while (in.next()) {
            switch (in.number()) {
                case 1 -> name = in.text();
                case 2 -> reals.add(in.real());
                case 3, 8 -> {
                    for (long integer : in.integers()) {
                        integers.add(integer);
                    }
                }
                case 4 -> text = in.text();
                case 5 -> tensor = Optional.of(OnnxTensor.parse(in.message(), external));
                case 6, 11 -> throw new CheckpointException("ONNX: got a graph within the graph (" + name
                        + "), allowed none");
                default -> { } // lists of floats and texts, and what kind the attribute is
            }
        }
        attributes.put(name, new Attribute(reals, integers, text, tensor));
    }

    boolean is(String... types) {
        return List.of(types).contains(type);
    }

    /** The name of an input, empty if it is left out. */
    String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    String output() {
        return outputs.isEmpty() ? "" : outputs.get(0);
    }

    /** An integer attribute. */
    long integer(String attribute, long otherwise) {
        Attribute found = attributes.get(attribute);
        return found == null || found.integers().isEmpty() ? otherwise : found.integers().get(0);
    }

    /** A float attribute. */
    float real(String attribute, float otherwise) {
        Attribute found = attributes.get(attribute);
        return found == null || found.reals().isEmpty() ? otherwise : found.reals().get(0);
    }

    /** The module that the step belongs to, by the step's name or by what the exporter noted, if they tell. */
    Optional<String> module() {
        if (name.startsWith("/") && name.lastIndexOf('/') > 0) {
            return Optional.of(name.substring(1, name.lastIndexOf('/')).replace('/', '.'));
        }
        List<String> scopes = new ArrayList<>();
        Matcher quoted = QUOTED.matcher(metadata.getOrDefault(SCOPES, ""));
        while (quoted.find()) {
            scopes.add(quoted.group(1));
        }
        return scopes.size() < 3 ? Optional.empty() : Optional.of(scopes.get(scopes.size() - 2));
    }
}
