package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;

/**
 * Encoders that PyTorch exported to ONNX: BERT, RoBERTa and DistilBERT, with their heads. Whole numbers of one byte
 * become floats again. Nothing is run: the weights are read, and the graph tells what {@code config.json} says
 * otherwise.
 */
final class OnnxFormat implements ForeignFormat {

    @Override
    public String name() {
        return "ONNX";
    }

    @Override
    public List<String> modelTypes() {
        return List.of(OnnxEncoder.BERT, OnnxEncoder.ROBERTA, OnnxEncoder.DISTILBERT);
    }

    @Override
    public String description() {
        return "an .onnx of a BERT, RoBERTa or DistilBERT, or a jar with one";
    }

    @Override
    public boolean matches(Path source) {
        return OnnxSource.matches(source);
    }

    @Override
    public Contents read(Path source) {
        try {
            OnnxSource files = OnnxSource.open(source);
            OnnxGraph graph = new OnnxGraph(OnnxFile.parse(files.model(), files.external()));
            OnnxEncoder encoder = new OnnxEncoder(graph, OnnxWeights.of(graph));
            ObjectNode config = encoder.config();
            Map<String, Tensor> tensors = encoder.tensors();
            return new Contents(config, tensors, files.tokenizer(), Map.of());
        } catch (CheckpointException e) {
            throw new CheckpointException(e.getMessage() + ", in " + source, e);
        }
    }
}
