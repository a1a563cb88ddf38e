package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.FillMask;
import org.jformers.pipeline.FillMask.Filler;
import org.jformers.pipeline.FillMask.Options;

/** Tokens for the gaps of a text. */
record FillMaskRun(FillMask pipeline) implements CalledTask<FillMaskRun.Call, List<List<Filler>>> {
    private static final String TOP_K = "top_k";
    private static final String TARGETS = "targets";

    record Call(String text, Options options) implements CalledTask.Call {}

    FillMaskRun(Path folder, LoadRequest request) {
        this(FillMask.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        CallFields tokenizer = fields.within("tokenizer_kwargs");
        List<String> targets = fields.find(TARGETS).map(value -> targets(fields, value)).orElse(List.of());
        Call call = new Call(fields.inputText(), new Options(
                fields.count(TOP_K, 1).orElse(Options.DEFAULT.topK()), targets, tokenizer.textOptions()));
        tokenizer.requireNothingElse();
        return call;
    }

    private static List<String> targets(CallFields fields, JsonNode value) {
        if (value.isTextual()) {
            return List.of(fields.text(TARGETS, value));
        }
        List<String> targets = fields.texts(TARGETS, value);
        if (targets.isEmpty()) {
            throw fields.wrong(TARGETS, value, "at least one text");
        }
        return targets;
    }

    @Override
    public List<List<List<Filler>>> answer(List<Call> calls) {
        return pipeline.fill(calls.stream().map(Call::text).toList(), calls.get(0).options());
    }

    /** Of one gap its tokens, of several a list for each. */
    @Override
    public Object json(Call call, List<List<Filler>> gaps) {
        List<List<Map<String, Object>>> all = gaps.stream()
                .map(gap -> gap.stream().map(FillMaskRun::json).toList())
                .toList();
        return all.size() == 1 ? all.get(0) : all;
    }

    private static Map<String, Object> json(Filler filler) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("score", filler.score());
        json.put("token", filler.token());
        json.put("token_str", filler.text());
        json.put("sequence", filler.sequence());
        return json;
    }

    @Override
    public List<String> lines(Call call, List<List<Filler>> gaps) {
        return gaps.stream()
                .map(gap -> gap.stream()
                        .map(filler -> String.format(
                                Locale.ROOT, "%s\t%.4f", filler.text().strip(), filler.score()))
                        .collect(Collectors.joining("\t")))
                .toList();
    }
}
