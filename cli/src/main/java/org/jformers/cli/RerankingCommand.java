package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.RankedText;
import org.jformers.pipeline.Reranking;
import org.jformers.pipeline.Reranking.Query;
import org.jformers.pipeline.TextOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run reranking}: texts by how well they fit a query. */
@Command(
        name = "reranking",
        description = "Order texts by how well they fit a query, the best first: score and text.",
        footer = "%nA call as JSON: inputs {\"query\": ..., \"documents\": [...]}, or a list of documents with the"
                + " option query; options: top_k (null for all), return_documents, truncation, max_length, padding,"
                + " add_special_tokens.")
final class RerankingCommand implements Callable<Integer> {
    private static final String QUERY = "query";
    private static final String TOP_K = "top_k";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--query", paramLabel = "TEXT", description = "What the texts are to fit.")
    private String query;

    @Option(names = "--top-k", paramLabel = "N", description = "How many texts to show; by default all.")
    private Integer topK;

    @Option(names = "--truncation", description = "Cut pairs that are longer than the model takes.")
    private boolean truncation;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (query != null) {
            flags.put(QUERY, query);
        }
        if (topK != null) {
            flags.put(TOP_K, topK);
        }
        if (truncation) {
            flags.put("truncation", true);
        }
        return options.runTogether(spec, flags, Run::new);
    }

    private record Call(Query query, OptionalInt topK, boolean withTexts, TextOptions options) {}

    private record Run(Reranking pipeline) implements RunTask<Call, List<RankedText>> {
        Run(Path folder, LoadRequest request) {
            this(Reranking.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            return new Call(query(fields), fields.count(TOP_K, 0), fields.flag("return_documents", false),
                    fields.textOptions());
        }

        private static Query query(CallFields fields) {
            if (!fields.inputs().isObject()) {
                return new Query(fields.requireText(QUERY), fields.texts("inputs", fields.inputs()));
            }
            CallFields inputs = fields.within("inputs");
            Query query = new Query(inputs.requireText(QUERY), inputs.requireTexts("documents"));
            inputs.requireNothingElse();
            return query;
        }

        @Override
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<List<RankedText>> answer(List<Call> calls) {
            return pipeline.rank(calls.stream().map(Call::query).toList(), calls.get(0).options());
        }

        private static List<RankedText> shown(Call call, List<RankedText> texts) {
            return texts.subList(0, Math.min(texts.size(), call.topK().orElse(texts.size())));
        }

        @Override
        public Object json(Call call, List<RankedText> texts) {
            return shown(call, texts).stream().map(text -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("corpus_id", text.index());
                fields.put("score", text.score());
                if (call.withTexts()) {
                    fields.put("text", text.text());
                }
                return fields;
            }).toList();
        }

        @Override
        public List<String> lines(Call call, List<RankedText> texts) {
            return shown(call, texts).stream()
                    .map(text -> String.format(Locale.ROOT, "%.4f\t%s", text.score(), text.text()))
                    .toList();
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
