package org.jformers.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jformers.conformance.GoldenFile.Kind;
import org.jformers.evaluation.metric.AnswerText;
import org.jformers.evaluation.metric.Average;
import org.jformers.evaluation.metric.Casing;
import org.jformers.evaluation.metric.Classification;
import org.jformers.evaluation.metric.Correlation;
import org.jformers.evaluation.metric.EntityF1;
import org.jformers.evaluation.metric.EntityF1.Scheme;
import org.jformers.evaluation.metric.ErrorRate;
import org.jformers.evaluation.metric.MultiLabelClassification;
import org.jformers.evaluation.metric.PrecisionRecall;
import org.jformers.evaluation.metric.Rouge;
import org.jformers.evaluation.metric.Segment;
import org.jformers.evaluation.metric.Squad;

/** Files of figures: classes and numbers, entities, answers, summaries; {@link TranslationFile} has translations. */
final class MetricFiles {
    private static final double NO_ANSWER_THRESHOLD = 0.5;

    private MetricFiles() {}

    static Map<String, Kind> kinds() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        kinds.put("hypotheses", new Kind(
                Set.of("hypotheses", "references", "corpus", "sentences"), TranslationFile::checks));
        kinds.put("conlleval", new Kind(Set.of("sentences", "conlleval", "strict_iob2"), MetricFiles::entities));
        kinds.put("classes", new Kind(Set.of("classes", "correlation", "multi_label"), MetricFiles::classification));
        kinds.put("v1", new Kind(
                Set.of("rows", "v1", "v2_default", "v2_with_probabilities", "final_text"), MetricFiles::answers));
        kinds.put("mean", new Kind(Set.of("rows", "mean", "wer", "cer"), MetricFiles::summaries));
        return kinds;
    }

    private static FileChecks classification(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        file.path("classes").properties().forEach(named -> checks.compare(
                named.getKey(), named.getValue(), Set.of("true", "pred"), () -> classes(named.getValue())));
        file.path("correlation").properties().forEach(named -> checks.compare(
                named.getKey(), named.getValue(), Set.of("x", "y"), () -> correlation(named.getValue())));
        file.path("multi_label").properties().forEach(named -> checks.compare(
                named.getKey(), named.getValue(), Set.of("true", "pred", "classes"),
                () -> sets(named.getValue())));
        return checks;
    }

    private static ObjectNode classes(JsonNode golden) {
        Classification figures = Classification.of(integers(golden.get("true")), integers(golden.get("pred")));
        ObjectNode got = Case.JSON.createObjectNode()
                .put("accuracy", figures.accuracy())
                .put("matthews", figures.matthews())
                .put("balanced_accuracy", figures.balancedAccuracy())
                .put("cohen_kappa", figures.cohenKappa());
        got.set("confusion", Case.JSON.valueToTree(figures.confusion()));
        got.set("binary", figures(figures.of(1)));
        averages(got, figures::average);
        return got;
    }

    private static void averages(ObjectNode got, Function<Average, PrecisionRecall> figures) {
        got.set("micro", figures(figures.apply(Average.MICRO)));
        got.set("macro", figures(figures.apply(Average.MACRO)));
        got.set("weighted", figures(figures.apply(Average.WEIGHTED)));
    }

    private static ObjectNode sets(JsonNode golden) {
        MultiLabelClassification figures = MultiLabelClassification.of(
                setsOf(golden.get("true")), setsOf(golden.get("pred")), golden.get("classes").intValue());
        ObjectNode got = Case.JSON.createObjectNode()
                .put("subset_accuracy", figures.subsetAccuracy())
                .put("hamming_loss", figures.hammingLoss());
        ArrayNode labels = got.putArray("labels");
        figures.labels().forEach(label -> labels.add(figures(label).put("support", label.support())));
        averages(got, figures::average);
        return got;
    }

    private static int[][] setsOf(JsonNode lists) {
        return StreamSupport.stream(lists.spliterator(), false).map(MetricFiles::integers).toArray(int[][]::new);
    }

    private static ObjectNode correlation(JsonNode golden) {
        Correlation figures = Correlation.of(
                numbers(golden.get("x")).toArray(), numbers(golden.get("y")).toArray());
        return Case.JSON.createObjectNode()
                .put("pearson", figures.pearson())
                .put("spearman", figures.spearman())
                .put("mse", figures.meanSquaredError())
                .put("mae", figures.meanAbsoluteError());
    }

    private static FileChecks entities(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        List<List<String>> truth = new ArrayList<>();
        List<List<String>> predicted = new ArrayList<>();
        for (JsonNode sentence : file.path("sentences")) {
            truth.add(Case.texts(sentence.path("true")));
            predicted.add(Case.texts(sentence.path("pred")));
            checks.compare("sentence " + truth.size(), sentence, Set.of("true", "pred"), () ->
                    Case.JSON.createObjectNode()
                            .<ObjectNode>set("entities_true", runs(truth.get(truth.size() - 1)))
                            .set("entities_pred", runs(predicted.get(predicted.size() - 1))));
        }
        Map.of("conlleval", Scheme.CONLLEVAL, "strict_iob2", Scheme.STRICT_IOB2).forEach((name, scheme) -> {
            if (file.has(name)) {
                checks.compare(name, file.get(name), Set.of(), () -> entities(EntityF1.of(truth, predicted, scheme)));
            }
        });
        return checks;
    }

    private static ArrayNode runs(List<String> tags) {
        ArrayNode runs = Case.JSON.createArrayNode();
        Scheme.CONLLEVAL.entities(tags).forEach(
                entity -> runs.addArray().add(entity.type()).add(entity.first()).add(entity.last()));
        return runs;
    }

    private static ObjectNode entities(EntityF1 score) {
        ObjectNode types = Case.JSON.createObjectNode();
        score.types().forEach((type, figures) -> types.set(type, figures(figures).put("support", figures.support())));
        ObjectNode got = Case.JSON.createObjectNode()
                .put("macro_f1", score.macroF1())
                .put("token_accuracy", score.tokenAccuracy());
        got.set("per_type", types);
        got.set("micro", figures(score.all()).put("support", score.all().support()));
        return got;
    }

    private static FileChecks answers(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        Set<String> inputs = Set.of("id", "answers", "prediction", "no_answer_probability");
        for (JsonNode row : file.path("rows")) {
            checks.compare("row " + row.path("id").asText(), row, inputs, () -> {
                Squad.Figures figures = Squad.of(List.of(answer(row, 0))).all();
                return Case.JSON.createObjectNode()
                        .put("exact", figures.exact() / 100)
                        .put("f1", figures.f1() / 100)
                        .put("normalized_prediction", Squad.normalize(row.path("prediction").asText()));
            });
        }
        List<Squad.Answer> plain = rows(file).map(row -> answer(row, 0)).toList();
        List<Squad.Answer> answerable = plain.stream().filter(answer -> !answer.accepted().isEmpty()).toList();
        List<Squad.Answer> unsure = rows(file)
                .map(row -> answer(row, row.path("no_answer_probability").asDouble())).toList();
        squad(checks, file, "v1", () -> Squad.of(answerable));
        squad(checks, file, "v2_default", () -> Squad.of(plain));
        squad(checks, file, "v2_with_probabilities", () -> Squad.of(unsure, NO_ANSWER_THRESHOLD));
        int number = 0;
        for (JsonNode golden : file.path("final_text")) {
            checks.compare("final text " + ++number, golden, Set.of("predicted", "original", "lower_case"), () ->
                    Case.JSON.createObjectNode().put("result", AnswerText.inOriginal(
                            golden.path("predicted").asText(), golden.path("original").asText(),
                            golden.path("lower_case").asBoolean() ? Casing.LOWER : Casing.MIXED)));
        }
        return checks;
    }

    private static Stream<JsonNode> rows(JsonNode file) {
        return StreamSupport.stream(file.path("rows").spliterator(), false);
    }

    private static Squad.Answer answer(JsonNode row, double noAnswerProbability) {
        return new Squad.Answer(
                Case.texts(row.path("answers")), row.path("prediction").asText(), noAnswerProbability);
    }

    private static void squad(
            FileChecks checks, JsonNode file, String name, Supplier<Squad> figures) {
        if (file.has(name)) {
            checks.compare(name, file.get(name), Set.of(), () -> {
                try {
                    return (ObjectNode) Case.JSON.readTree(figures.get().toString());
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    private static FileChecks summaries(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        List<String> predictions = new ArrayList<>();
        List<String> references = new ArrayList<>();
        Set<String> inputs = Set.of("prediction", "reference");
        for (JsonNode row : file.path("rows")) {
            List<String> prediction = List.of(row.path("prediction").asText());
            List<String> reference = List.of(row.path("reference").asText());
            predictions.addAll(prediction);
            references.addAll(reference);
            checks.compare("row " + predictions.size(), row, inputs, () ->
                    errors(prediction, reference).setAll(rouge(prediction, reference)));
        }
        checks.compare("mean", file.path("mean"), Set.of(), () -> rouge(predictions, references));
        checks.compare("error rates", file.<ObjectNode>deepCopy().retain("wer", "cer"), Set.of(),
                () -> errors(predictions, references));
        return checks;
    }

    private static ObjectNode errors(List<String> predictions, List<String> references) {
        return Case.JSON.createObjectNode()
                .put("wer", ErrorRate.words(predictions, references).rate())
                .put("cer", ErrorRate.characters(predictions, references).rate());
    }

    private static ObjectNode rouge(List<String> predictions, List<String> references) {
        Rouge rouge = Rouge.of(IntStream.range(0, predictions.size())
                .mapToObj(i -> Segment.of(predictions.get(i), references.get(i)))
                .toList());
        ObjectNode got = Case.JSON.createObjectNode();
        Map.of("rouge1", rouge.unigrams(), "rouge2", rouge.bigrams(), "rougeL", rouge.longestCommonSubsequence())
                .forEach((name, figures) -> got
                        .put(name + "_precision", figures.precision())
                        .put(name + "_recall", figures.recall())
                        .put(name + "_fmeasure", figures.f1()));
        return got;
    }

    private static ObjectNode figures(PrecisionRecall figures) {
        return Case.JSON.createObjectNode()
                .put("precision", figures.precision())
                .put("recall", figures.recall())
                .put("f1", figures.f1());
    }

    private static DoubleStream numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::doubleValue);
    }

    private static int[] integers(JsonNode array) {
        return numbers(array).mapToInt(value -> (int) value).toArray();
    }
}
