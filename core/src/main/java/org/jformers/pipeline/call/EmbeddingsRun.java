package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.List;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.TextOptions;

/** One vector for each text. */
record EmbeddingsRun(Embeddings pipeline) implements CalledTask<EmbeddingsRun.Call, float[]> {
    record Call(String text, TextOptions options) implements CalledTask.Call {}

    EmbeddingsRun(Path folder, LoadRequest request) {
        this(Embeddings.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        return new Call(fields.inputText(), fields.textOptions());
    }

    @Override
    public List<float[]> answer(List<Call> calls) {
        return pipeline.embed(calls.stream().map(Call::text).toList(), calls.get(0).options());
    }

    @Override
    public Object json(Call call, float[] vector) {
        return vector;
    }

    @Override
    public List<String> lines(Call call, float[] vector) {
        return List.of(ResultLines.of(vector, "%.6f"));
    }
}
