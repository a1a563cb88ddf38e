package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.TextOptions;

/** How alike texts are. */
record SentenceSimilarityRun(Embeddings pipeline) implements CalledTask<SentenceSimilarityRun.Call, double[]> {
    private static final String SOURCE = "source_sentence";
    private static final String SENTENCES = "sentences";

    /**
     * A call.
     *
     * @param several whether its inputs are a list, and so is its result
     */
    record Call(String source, List<String> sentences, boolean several, TextOptions options)
            implements CalledTask.Call {}

    SentenceSimilarityRun(Path folder, LoadRequest request) {
        this(Embeddings.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        TextOptions options = fields.textOptions();
        if (!fields.inputs().isObject()) {
            JsonNode source = fields.find(SOURCE).orElseThrow(() -> new JformersException(
                    "source_sentence: got none, allowed a text that the others are compared with (--source)"));
            return new Call(fields.text(SOURCE, source), List.of(fields.inputText()), false, options);
        }
        CallFields inputs = fields.within("inputs");
        List<String> sentences = inputs.texts(SENTENCES, inputs.find(SENTENCES).orElseThrow(() ->
                new JformersException("inputs: got no sentences, allowed source_sentence and sentences")));
        Call call = new Call(inputs.requireText(SOURCE), sentences, true, options);
        inputs.requireNothingElse();
        return call;
    }

    @Override
    public List<double[]> answer(List<Call> calls) {
        List<String> texts = new ArrayList<>();
        for (Call call : calls) {
            texts.add(call.source());
            texts.addAll(call.sentences());
        }
        List<float[]> vectors = pipeline.embed(texts, calls.get(0).options());
        List<double[]> answers = new ArrayList<>();
        int at = 0;
        for (Call call : calls) {
            int source = at;
            answers.add(IntStream.rangeClosed(1, call.sentences().size())
                    .mapToDouble(i -> Embeddings.similarity(vectors.get(source), vectors.get(source + i)))
                    .toArray());
            at += 1 + call.sentences().size();
        }
        return answers;
    }

    @Override
    public Object json(Call call, double[] similarities) {
        return call.several() ? similarities : similarities[0];
    }

    @Override
    public List<String> lines(Call call, double[] similarities) {
        return IntStream.range(0, similarities.length)
                .mapToObj(i -> String.format(Locale.ROOT, "%.4f\t%s", similarities[i], call.sentences().get(i)))
                .toList();
    }
}
