package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.CommonConfig;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which of any labels a text has, by a model that tells whether a hypothesis follows from a text. Owns its model.
 * May serve several threads.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/zero_shot_classification.py}.
 */
public final class ZeroShotClassification implements Pipeline {
    private static final String NAME = "zero-shot classification";
    private static final List<Task> TASKS = List.of(Task.SEQUENCE_CLASSIFICATION);
    private static final Logger LOG = LoggerFactory.getLogger(ZeroShotClassification.class);

    private final TextReader reader;
    private final int entailment;
    private final int contradiction;

    /**
     * What is asked of texts.
     *
     * @param labels those that a text may have, at least one
     * @param template the hypothesis, with {@code {}} where a label goes
     * @param multiLabel whether a text may have several labels, each with a probability of its own; otherwise their
     *     probabilities add up to 1. A label alone always has one of its own
     */
    public record Options(List<String> labels, String template, boolean multiLabel) {
        /** The reference's hypothesis. */
        public static final String TEMPLATE = "This example is {}.";

        public Options {
            labels = List.copyOf(labels);
            if (labels.isEmpty()) {
                throw new JformersException("candidate_labels: got none, allowed at least one label");
            }
            new HypothesisTemplate(template);
        }

        /** One of these labels. */
        public static Options of(List<String> labels) {
            return new Options(labels, TEMPLATE, false);
        }

        /** Any number of the labels. */
        public Options several() {
            return new Options(labels, template, true);
        }

        public Options withTemplate(String hypothesis) {
            return new Options(labels, hypothesis, multiLabel);
        }
    }

    /** Takes a model over; it is closed with this object. */
    public ZeroShotClassification(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private ZeroShotClassification(TextReader reader) {
        Model model = reader.model();
        if (model.identity().task() != Task.SEQUENCE_CLASSIFICATION) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed models with a classifier of pairs of texts");
        }
        this.reader = reader;
        int last = model.config().common().labels().size() - 1;
        entailment = entailment(model.config().common(), last);
        contradiction = entailment == 0 ? last : 0;
    }

    /** The first label that begins with "entail", else the last one. */
    private static int entailment(CommonConfig config, int last) {
        if (config.values().get("label2id") instanceof Map<?, ?> ids) {
            for (Map.Entry<?, ?> entry : ids.entrySet()) {
                if (entry.getKey().toString().toLowerCase(Locale.ROOT).startsWith("entail")) {
                    return number(entry.getValue(), last);
                }
            }
        }
        LOG.warn("{}: no label of the configuration begins with \"entail\", the last one is taken for it", NAME);
        return last;
    }

    private static int number(Object id, int last) {
        if (id instanceof Integer number && number >= 0 && number <= last) {
            return number;
        }
        throw new ConfigException("config: got label2id with " + id + " for entailment, allowed 0 to " + last);
    }

    /** Loads a model folder, or the model of an id, with its tokenizer. */
    public static ZeroShotClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer. */
    public static ZeroShotClassification load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static ZeroShotClassification load(Path folder, LoadRequest request) {
        return TextReader.load(NAME, folder, request.withTasks(TASKS)).into(ZeroShotClassification::new);
    }

    /** Which of some labels a text has, the likeliest first. */
    public List<Label> classify(String text, List<String> labels) {
        return classify(List.of(text), Options.of(labels)).get(0);
    }

    /**
     * All labels of each text, the likeliest first, of equal ones the last. A text that is too long beside a hypothesis
     * is cut.
     *
     * @throws JformersException if a text is empty, or a hypothesis longer than the model takes
     */
    public List<List<Label>> classify(List<String> texts, Options options) {
        HypothesisTemplate template = new HypothesisTemplate(options.template());
        List<String> hypotheses = options.labels().stream().map(template::with).toList();
        List<TextInput> pairs = new ArrayList<>();
        for (String text : texts) {
            if (text.isEmpty()) {
                throw new JformersException(NAME + ": got an empty text, allowed one with at least one character");
            }
            hypotheses.forEach(hypothesis -> pairs.add(TextInput.pair(text, hypothesis)));
        }
        List<float[]> logits = reader.read(TextReader.Per.TEXT, reader.encodeCuttingFirst(pairs), "logits");
        List<List<Label>> classified = new ArrayList<>();
        for (int i = 0; i < logits.size(); i += hypotheses.size()) {
            classified.add(ranked(logits.subList(i, i + hypotheses.size()), options));
        }
        return classified;
    }

    /** Reversed before it is sorted: of equal scores the reference has the last first. */
    private List<Label> ranked(List<float[]> logits, Options options) {
        float[] scores = options.multiLabel() || logits.size() == 1 ? apart(logits) : together(logits);
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            labels.add(new Label(options.labels().get(i), scores[i]));
        }
        Collections.reverse(labels);
        labels.sort(Comparator.comparingDouble(Label::score).reversed());
        return labels;
    }

    private float[] together(List<float[]> logits) {
        float[] entailed = new float[logits.size()];
        for (int i = 0; i < entailed.length; i++) {
            entailed[i] = logits.get(i)[entailment];
        }
        return ScoreFunction.SOFTMAX.apply(entailed);
    }

    /** Each label by itself: whether its hypothesis follows rather than is contradicted. */
    private float[] apart(List<float[]> logits) {
        float[] scores = new float[logits.size()];
        for (int i = 0; i < scores.length; i++) {
            float[] row = logits.get(i);
            scores[i] = ScoreFunction.SOFTMAX.apply(new float[] {row[contradiction], row[entailment]})[1];
        }
        return scores;
    }

    @Override
    public LoadReport report() {
        return reader.model().report();
    }

    @Override
    public void close() {
        reader.close();
    }
}
