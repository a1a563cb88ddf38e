package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jformers.conformance.FileChecks.Unsupported;
import org.jformers.evaluation.metric.Bleu;
import org.jformers.evaluation.metric.BleuTokenizer;
import org.jformers.evaluation.metric.Casing;
import org.jformers.evaluation.metric.Chrf;
import org.jformers.evaluation.metric.Segment;
import org.jformers.evaluation.metric.Smoothing;
import org.jformers.evaluation.metric.Ter;

/** Translations by BLEU, chrF and TER, with the reference's arguments and signatures. */
final class TranslationFile {
    private static final Set<String> INPUTS = Set.of("metric", "arguments", "references");

    private TranslationFile() {}

    static FileChecks checks(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        List<String> hypotheses = Case.texts(file.path("hypotheses"));
        for (JsonNode golden : file.path("corpus")) {
            List<Segment> segments = new ArrayList<>();
            for (int i = 0; i < hypotheses.size(); i++) {
                List<String> references = new ArrayList<>();
                for (int set = 0; set < golden.path("references").asInt(); set++) {
                    references.add(file.path("references").path(set).path(i).asText());
                }
                segments.add(new Segment(hypotheses.get(i), references));
            }
            ObjectNode comparable = golden.deepCopy();
            comparable.put("signature", withoutVersion(golden.path("signature").asText()));
            checks.compare(golden.path("metric").asText() + " " + golden.path("arguments") + " over "
                    + golden.path("references"), comparable, INPUTS, () -> corpus(golden, segments));
        }
        int number = 0;
        for (JsonNode golden : file.path("sentences")) {
            checks.compare("sentence " + ++number, golden, Set.of("hypothesis", "references"), () -> sentence(golden));
        }
        return checks;
    }

    /** Signatures end with the version of the program that computed. */
    private static String withoutVersion(String signature) {
        return signature.replaceAll("\\|version:.*", "");
    }

    private static ObjectNode sentence(JsonNode golden) {
        Segment all = new Segment(golden.path("hypothesis").asText(), Case.texts(golden.path("references")));
        Segment one = Segment.of(all.hypothesis(), all.references().get(0));
        Bleu effective = Bleu.standard().withEffectiveOrder();
        return Case.JSON.createObjectNode()
                .put("bleu_effective_order", effective.sentence(all).score())
                .put("bleu_one_reference", effective.sentence(one).score())
                .put("bleu_add_one", Bleu.standard().withSmoothing(Smoothing.addK(1)).sentence(one).score())
                .put("chrf", Chrf.standard().sentence(all).score())
                .put("chrf++", Chrf.plusPlus().sentence(one).score())
                .put("ter", Ter.standard().sentence(one).score());
    }

    private static ObjectNode corpus(JsonNode golden, List<Segment> segments) {
        Arguments arguments = new Arguments(golden.path("arguments"));
        ObjectNode got = switch (golden.path("metric").asText()) {
            case "bleu" -> bleu(bleu(arguments).corpus(segments));
            case "chrf" -> {
                Chrf.Score score = chrf(arguments).corpus(segments);
                yield score(score.score(), score.signature());
            }
            case "ter" -> {
                Ter.Score score = ter(arguments).corpus(segments);
                yield score(score.score(), score.signature());
            }
            default -> throw new Unsupported("metric " + golden.path("metric"));
        };
        if (!arguments.unread().isEmpty()) {
            throw new Unsupported("arguments " + arguments.unread());
        }
        return got;
    }

    private static ObjectNode score(double score, String signature) {
        return Case.JSON.createObjectNode().put("score", score).put("signature", withoutVersion(signature));
    }

    private static ObjectNode bleu(Bleu.Score score) {
        ObjectNode got = score(score.score(), score.signature())
                .put("bp", score.brevityPenalty())
                .put("sys_len", score.length())
                .put("ref_len", score.referenceLength());
        got.set("counts", Case.JSON.valueToTree(score.matches()));
        got.set("totals", Case.JSON.valueToTree(score.totals()));
        got.set("precisions", Case.JSON.valueToTree(score.precisions()));
        return got;
    }

    private static Bleu bleu(Arguments a) {
        String tokens = a.text("tokenize", "13a");
        BleuTokenizer tokenizer = Arrays.stream(BleuTokenizer.values())
                .filter(each -> each.tag().equals(tokens))
                .findFirst()
                .orElseThrow(() -> new Unsupported("tokenize " + tokens));
        String method = a.text("smooth_method", "exp");
        Smoothing smoothing = switch (method) {
            case "exp" -> Smoothing.EXPONENTIAL;
            case "none" -> Smoothing.NONE;
            case "floor" -> Smoothing.floor(a.number("smooth_value", 0.1));
            case "add-k" -> Smoothing.addK(a.number("smooth_value", 1));
            default -> throw new Unsupported("smooth_method " + method);
        };
        Bleu bleu = Bleu.standard()
                .withTokenizer(tokenizer)
                .withSmoothing(smoothing)
                .withCasing(casing(a))
                .withMaxOrder(a.integer("max_ngram_order", 4));
        return a.flag("effective_order", false) ? bleu.withEffectiveOrder() : bleu;
    }

    private static Chrf chrf(Arguments a) {
        return new Chrf(a.integer("char_order", 6), a.integer("word_order", 0), a.integer("beta", 2), casing(a),
                a.flag("whitespace", false));
    }

    private static Casing casing(Arguments a) {
        return a.flag("lowercase", false) ? Casing.LOWER : Casing.MIXED;
    }

    private static Ter ter(Arguments a) {
        EnumSet<Ter.Option> options = EnumSet.noneOf(Ter.Option.class);
        for (Ter.Option option : Ter.Option.values()) {
            String argument = switch (option) {
                case CASE_SENSITIVE -> "case_sensitive";
                case NORMALIZED -> "normalized";
                case NO_PUNCTUATION -> "no_punct";
                case ASIAN -> "asian_support";
            };
            if (a.flag(argument, false)) {
                options.add(option);
            }
        }
        return new Ter(options);
    }
}
