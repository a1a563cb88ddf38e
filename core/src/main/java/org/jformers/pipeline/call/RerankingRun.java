package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.RankedText;
import org.jformers.pipeline.Reranking;
import org.jformers.pipeline.Reranking.Query;
import org.jformers.pipeline.TextOptions;

/** Texts by how well they fit a query. */
record RerankingRun(Reranking pipeline) implements CalledTask<RerankingRun.Call, List<RankedText>> {
    private static final String QUERY = "query";
    private static final String TOP_K = "top_k";

    record Call(Query query, OptionalInt topK, boolean withTexts, TextOptions options) implements CalledTask.Call {}

    RerankingRun(Path folder, LoadRequest request) {
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
}
