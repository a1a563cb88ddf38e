package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jformers.data.DataSource;
import org.jformers.evaluation.metric.Bleu;
import org.jformers.evaluation.metric.BleuTokenizer;
import org.jformers.evaluation.metric.Chrf;
import org.jformers.evaluation.metric.EntityF1;
import org.jformers.evaluation.metric.PrecisionRecall;
import org.jformers.evaluation.metric.Segment;

/** What cases call that have texts to measure or a data file. */
final class DataOperations {
    private DataOperations() {}

    static Map<String, Operation> all() {
        return Map.of(
                "bleu", new Operation(Set.of("segments", "tok", "eff"), DataOperations::bleu),
                "chrf", new Operation(Set.of("segments"), DataOperations::chrf),
                "entities", new Operation(Set.of("truth", "predicted", "scheme"), DataOperations::entities),
                "rows", new Operation(Set.of("file"), DataOperations::rows));
    }

    private static JsonNode bleu(Case one) {
        Bleu bleu = Bleu.standard();
        if (one.has("tok")) {
            bleu = bleu.withTokenizer(BleuTokenizer.valueOf(one.text("tok")));
        }
        if (one.flag("eff")) {
            bleu = bleu.withEffectiveOrder();
        }
        return score(bleu.corpus(segments(one)).score());
    }

    private static JsonNode chrf(Case one) {
        return score(Chrf.standard().corpus(segments(one)).score());
    }

    private static JsonNode score(double score) {
        return Case.JSON.createObjectNode().put("score", score);
    }

    private static List<Segment> segments(Case one) {
        List<Segment> segments = new ArrayList<>();
        one.require("segments").forEach(segment ->
                segments.add(new Segment(segment.get(0).asText(), Case.texts(segment.get(1)))));
        return segments;
    }

    private static JsonNode entities(Case one) {
        PrecisionRecall all = EntityF1.of(
                Case.textsOfEach(one.require("truth")),
                Case.textsOfEach(one.require("predicted")),
                EntityF1.Scheme.valueOf(one.text("scheme"))).all();
        return Case.JSON.createObjectNode().put("p", all.precision()).put("r", all.recall()).put("f1", all.f1());
    }

    private static JsonNode rows(Case one) {
        DataSource source = DataSource.of(one.path("file"));
        ObjectNode table = Case.JSON.createObjectNode();
        table.set("columns", Case.JSON.valueToTree(source.columns()));
        try (Stream<List<String>> rows = source.rows(source.columns())) {
            table.set("rows", Case.JSON.valueToTree(rows.toList()));
        }
        return table;
    }
}
