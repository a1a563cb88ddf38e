package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.FeatureExtraction;
import org.jformers.pipeline.Features;
import org.jformers.pipeline.TextOptions;

/** The hidden states of a text. */
record FeatureExtractionRun(FeatureExtraction pipeline) implements CalledTask<FeatureExtractionRun.Call, Features> {
    private static final String TRUNCATION = "truncation";

    record Call(String text, TextOptions options) implements CalledTask.Call {}

    FeatureExtractionRun(Path folder, LoadRequest request) {
        this(FeatureExtraction.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        if (fields.flag("return_tensors", false)) {
            throw new JformersException("return_tensors: got true, allowed false, for JSON has no tensors");
        }
        CallFields tokenizer = fields.within("tokenize_kwargs");
        fields.find(TRUNCATION).ifPresent(value -> tokenizer.add(TRUNCATION, value));
        TextOptions options = tokenizer.textOptions();
        tokenizer.requireNothingElse();
        return new Call(fields.inputText(), options);
    }

    @Override
    public List<Features> answer(List<Call> calls) {
        return pipeline.extract(calls.stream().map(Call::text).toList(), calls.get(0).options());
    }

    @Override
    public Object json(Call call, Features features) {
        return new float[][][] {features.vectors()};
    }

    @Override
    public List<String> lines(Call call, Features features) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < features.vectors().length; i++) {
            StringBuilder line = new StringBuilder(TextNode.valueOf(features.tokens().get(i)).toString());
            for (float value : features.vectors()[i]) {
                line.append(String.format(Locale.ROOT, "\t%.4f", value));
            }
            lines.add(line.toString());
        }
        lines.add("");
        return lines;
    }
}
