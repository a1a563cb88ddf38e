package org.jformers.model.convert;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.CheckpointException;

/**
 * The graph of an ONNX file and its tensors. Source: {@code ModelProto} and {@code GraphProto} of onnx.proto3, ONNX
 * 1.23. What it refuses: graphs within graphs, functions, sparse tensors, operators of other domains.
 *
 * @param nodes steps in their order
 * @param initializers stored tensors by name
 */
record OnnxFile(List<OnnxNode> nodes, Map<String, OnnxTensor> initializers) {
    private static final int GRAPH = 7;
    private static final int FUNCTIONS = 25;
    private static final int MOST_PARTS = 1_000_000;

    /** Whether bytes are a message with the fields of a model: whole, with its version first and a graph. */
    static boolean matches(ByteBuffer model) {
        if (model.remaining() < 2 || model.get(model.position()) != 8) { // field 1, a number: the version
            return false;
        }
        try {
            boolean hasGraph = false;
            for (ProtobufFields in = new ProtobufFields(model); in.next();) {
                hasGraph |= in.number() == GRAPH;
            }
            return hasGraph;
        } catch (CheckpointException e) {
            return false;
        }
    }

    /** Reads a model; throws {@link CheckpointException} if it is damaged or has what this reader refuses. */
    static OnnxFile parse(ByteBuffer model, OnnxTensor.External external) {
        OnnxFile file = null;
        ProtobufFields in = new ProtobufFields(model);
        while (in.next()) {
            if (in.number() == GRAPH && file == null) {
                file = graph(in.message(), external);
            } else if (in.number() == GRAPH || in.number() == FUNCTIONS) {
                throw new CheckpointException("ONNX: got " + (in.number() == GRAPH ? "two graphs" : "functions")
                        + ", allowed one graph of ONNX's own operators");
            }
        }
        if (file == null) {
            throw new CheckpointException("ONNX: the file has no graph");
        }
        return file;
    }

    private static OnnxFile graph(ProtobufFields in, OnnxTensor.External external) {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
        while (in.next()) {
            switch (in.number()) {
                case 1 -> nodes.add(OnnxNode.parse(in.message(), external));
                case 5 -> {
                    OnnxTensor tensor = OnnxTensor.parse(in.message(), external);
                    if (initializers.put(tensor.name(), tensor) != null) {
                        throw new CheckpointException("ONNX: two tensors are called " + tensor.name());
                    }
                }
                case 15 -> throw new CheckpointException("ONNX: got a sparse tensor, allowed dense ones");
                default -> { } // names and types of values
            }
            if (nodes.size() > MOST_PARTS || initializers.size() > MOST_PARTS) {
                throw new CheckpointException("ONNX: the graph has more than " + MOST_PARTS + " steps or tensors");
            }
        }
        return new OnnxFile(nodes, initializers);
    }

    /** Reads a key and its value ({@code StringStringEntryProto}). */
    static void entry(ProtobufFields in, Map<String, String> entries) {
        String key = "";
        String value = "";
        while (in.next()) {
            switch (in.number()) {
                case 1 -> key = in.text();
                case 2 -> value = in.text();
                default -> throw new CheckpointException("ONNX: damaged, a key and its value have a field "
                        + in.number());
            }
        }
        entries.put(key, value);
    }
}
