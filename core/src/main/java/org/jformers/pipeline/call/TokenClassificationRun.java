package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Aggregation;
import org.jformers.pipeline.Entity;
import org.jformers.pipeline.TokenClassification;

/** Labels of tokens, and the stretches of a text that have one. */
record TokenClassificationRun(TokenClassification pipeline)
        implements CalledTask<TokenClassificationRun.Call, List<Entity>> {
    private static final String AGGREGATION = "aggregation_strategy";

    /**
     * What a call is about.
     *
     * @param text the words in a row, or the text itself
     * @param delimiter what stands between words; empty if the tokenizer cuts the text
     */
    record Call(List<String> text, Options options) implements CalledTask.Call {}

    private record Options(Optional<String> delimiter, TokenClassification.Options entities) {}

    TokenClassificationRun(Path folder, LoadRequest request) {
        this(TokenClassification.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        boolean words = fields.flag("is_split_into_words", false);
        Optional<String> delimiter = fields.find("delimiter").map(text -> fields.text("delimiter", text));
        return new Call(
                words ? words(fields) : List.of(fields.inputText()),
                new Options(words ? Optional.of(delimiter.orElse(" ")) : Optional.empty(), entities(fields)));
    }

    private static List<String> words(CallFields fields) {
        List<String> words = fields.texts("inputs", fields.inputs());
        if (words.isEmpty()) {
            throw fields.wrong("inputs", fields.inputs(), "at least one word");
        }
        return words;
    }

    private static TokenClassification.Options entities(CallFields fields) {
        Optional<Aggregation> aggregation = fields.oneOf(AGGREGATION, Aggregation.class);
        OptionalInt stride = fields.count("stride", 0);
        if (stride.isPresent() && aggregation.filter(Aggregation.NONE::equals).isPresent()) {
            throw new JformersException("stride: got " + stride.getAsInt() + " with " + AGGREGATION
                    + " none, allowed with any other");
        }
        Set<String> ignored = fields.find("ignore_labels")
                .map(labels -> Set.copyOf(fields.texts("ignore_labels", labels)))
                .orElse(TokenClassification.Options.DEFAULT.ignored());
        return new TokenClassification.Options(aggregation.orElse(Aggregation.NONE), ignored, stride);
    }

    @Override
    public List<List<Entity>> answer(List<Call> calls) {
        Options options = calls.get(0).options();
        return options.delimiter().isPresent()
                ? pipeline.classifyWords(
                        calls.stream().map(Call::text).toList(), options.delimiter().get(), options.entities())
                : pipeline.classify(calls.stream().map(call -> call.text().get(0)).toList(), options.entities());
    }

    /** For words a list of results with one in it, as the reference takes a list of words for several inputs. */
    @Override
    public Object json(Call call, List<Entity> entities) {
        boolean tokens = call.options().entities().aggregation() == Aggregation.NONE;
        List<Map<String, Object>> result = entities.stream().map(entity -> json(entity, tokens)).toList();
        return call.options().delimiter().isPresent() ? List.of(result) : result;
    }

    private static Map<String, Object> json(Entity entity, boolean token) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(token ? "entity" : "entity_group", entity.label());
        fields.put("score", entity.score());
        entity.index().ifPresent(index -> fields.put("index", index));
        fields.put("word", entity.word());
        fields.put("start", entity.start().isPresent() ? entity.start().getAsInt() : null);
        fields.put("end", entity.end().isPresent() ? entity.end().getAsInt() : null);
        return fields;
    }

    @Override
    public List<String> lines(Call call, List<Entity> entities) {
        List<String> lines = new ArrayList<>();
        for (Entity entity : entities) {
            String place = entity.start().isPresent()
                    ? entity.start().getAsInt() + "-" + entity.end().getAsInt()
                    : "-";
            lines.add(String.format(Locale.ROOT, "%s\t%.4f\t%s\t%s",
                    entity.label(), entity.score(), place, TextNode.valueOf(entity.word()).toString()));
        }
        lines.add("");
        return lines;
    }
}
