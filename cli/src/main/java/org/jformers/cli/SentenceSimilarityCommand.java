package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.TextOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run sentence-similarity}: how alike texts are. */
@Command(
        name = "sentence-similarity",
        description = "Say how alike texts are to one of them: the cosine of the angle between their vectors, 1 for"
                + " those of one direction.",
        footer = "%nA call as JSON: a text, or inputs {\"source_sentence\": ..., \"sentences\": [...]}; options:"
                + " source_sentence, truncation, max_length, padding, add_special_tokens.")
final class SentenceSimilarityCommand implements Callable<Integer> {
    private static final String SOURCE = "source_sentence";
    private static final String SENTENCES = "sentences";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--source", paramLabel = "TEXT", description = "The text that the others are compared with.")
    private String source;

    @Option(names = "--truncation", description = "Cut texts that are longer than the model takes.")
    private boolean truncation;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (source != null) {
            flags.put(SOURCE, source);
        }
        if (truncation) {
            flags.put("truncation", true);
        }
        return options.run(spec, flags, Run::new);
    }

    /**
     * A call.
     *
     * @param several whether its inputs are a list, and so is its result
     */
    private record Call(String source, List<String> sentences, boolean several, TextOptions options) {}

    private record Run(Embeddings pipeline) implements RunTask<Call, double[]> {
        Run(Path folder, LoadRequest request) {
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
        public Object options(Call call) {
            return call.options();
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

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
