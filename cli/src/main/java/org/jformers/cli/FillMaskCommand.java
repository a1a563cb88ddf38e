package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.FillMask;
import org.jformers.pipeline.FillMask.Filler;
import org.jformers.pipeline.FillMask.Options;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run fill-mask}: tokens for the gaps of a text. */
@Command(
        name = "fill-mask",
        description = "Say which tokens fit where a text has the mask token, such as [MASK]: one line per gap.",
        footer = "%nOptions of a call as JSON: top_k, targets (a text or a list of them), tokenizer_kwargs with"
                + " truncation, max_length, padding, add_special_tokens.")
final class FillMaskCommand implements Callable<Integer> {
    private static final String TOP_K = "top_k";
    private static final String TARGETS = "targets";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--top-k", paramLabel = "N", description = "How many tokens to show; by default 5.")
    private Integer topK;

    @Option(names = "--targets", paramLabel = "TOKEN", split = ",",
            description = "Tokens among which to choose; by default all.")
    private List<String> targets = List.of();

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (topK != null) {
            flags.put(TOP_K, topK);
        }
        if (!targets.isEmpty()) {
            ArrayNode list = flags.putArray(TARGETS);
            targets.forEach(list::add);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(String text, Options options) {}

    private record Run(FillMask pipeline) implements RunTask<Call, List<List<Filler>>> {
        Run(Path folder, LoadRequest request) {
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
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<List<List<Filler>>> answer(List<Call> calls) {
            return pipeline.fill(calls.stream().map(Call::text).toList(), calls.get(0).options());
        }

        /** Of one gap its tokens, of several a list for each. */
        @Override
        public Object json(Call call, List<List<Filler>> gaps) {
            List<List<Map<String, Object>>> all = gaps.stream()
                    .map(gap -> gap.stream().map(Run::json).toList())
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

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
