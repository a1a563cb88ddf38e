package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jformers.VisibleText;
import org.jformers.model.ConfigException;
import org.jformers.model.Insight;
import org.jformers.model.SpecJson;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.MaskPattern;
import org.jformers.pipeline.LookInside;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * {@code POST /look}, {@code /look/attention}, {@code /look/masks} and {@code /look/mask}: what a model does with a
 * text, and what masks let see.
 */
final class LookRoutes {
    private static final int MOST_CHOICES = 20;
    private static final int USUAL_CHOICES = 5;
    private static final int MOST_HEADS = 4096;
    private static final int MOST_PLACES = 512;
    /** Parts of a mask: each takes as much as the pattern has cells. */
    private static final int MOST_PARTS = 16;
    /** Characters of what a mask refuses, which may quote it. */
    private static final int SHOWN = 200;
    /** Numbers are told to so many parts of one. */
    private static final double EXACT = 1e6;

    private final Api api;

    LookRoutes(Api api) {
        this.api = api;
    }

    void look(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = lease(fields)) {
            String text = fields.requireText("text");
            int choices = fields.count("alternatives", 1, MOST_CHOICES).orElse(USUAL_CHOICES);
            int near = fields.count("neighbours", 1, MOST_CHOICES).orElse(USUAL_CHOICES);
            fields.requireNothingElse();
            LookInside.View view = lease.model().looking(exchange, inside -> inside.look(text, choices, near));
            api.reply(exchange, view(view, lease.model().tokenizer()).put("model", lease.model().name()));
        }
    }

    void attention(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = lease(fields)) {
            String text = fields.requireText("text");
            int layer = fields.count("layer", 0, MOST_HEADS)
                    .orElseThrow(() -> fields.wrong("layer", "nothing", "a layer, from 0 on"));
            OptionalInt head = fields.count("head", 0, MOST_HEADS);
            fields.requireNothingElse();
            float[][] weights = lease.model().looking(exchange, inside -> inside.attention(text, layer, head));
            api.reply(exchange, Json.object().set("weights", numbers(weights)));
        }
    }

    void masks(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = lease(fields)) {
            fields.requireNothingElse();
            ObjectNode answer = Json.object();
            ArrayNode masks = answer.putArray("masks");
            lease.model().looking(exchange, LookInside::masks).forEach((mask, places) ->
                    masks.addObject().<ObjectNode>set("mask", mask).set("places", api.json().tree(places)));
            api.reply(exchange, answer);
        }
    }

    void mask(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        JsonNode mask = fields.require("mask");
        OptionalInt length = fields.count("length", 1, MOST_PLACES);
        List<JsonNode> tokens = fields.list("attention_mask", MOST_PLACES);
        fields.requireNothingElse();
        if (length.isPresent() != tokens.isEmpty()) {
            throw fields.wrong("length", length.isPresent() ? "it beside attention_mask" : "nothing",
                    "it or attention_mask");
        }
        boolean[] real = new boolean[length.orElse(tokens.size())];
        Arrays.fill(real, true);
        for (int i = 0; i < tokens.size(); i++) {
            int one = tokens.get(i).isIntegralNumber() ? tokens.get(i).intValue() : -1;
            if (one != 0 && one != 1) {
                throw fields.wrong("attention_mask", "something else", "1 for tokens, 0 for padding");
            }
            real[i] = one == 1;
        }
        requireMask(fields, mask);
        ObjectNode answer = Json.object();
        ArrayNode pattern = answer.putArray("pattern");
        for (boolean[] row : pattern(fields, mask, real)) {
            StringBuilder cells = new StringBuilder();
            for (boolean seen : row) {
                cells.append(seen ? '1' : '0');
            }
            pattern.add(cells.toString());
        }
        api.reply(exchange, answer);
    }

    private static boolean[][] pattern(Fields fields, JsonNode mask, boolean[] real) {
        try {
            return MaskPattern.of(SpecJson.read(mask.toString(), Mask.class), real);
        } catch (ConfigException | IllegalArgumentException e) {
            String problem = VisibleText.line(String.valueOf(e.getMessage()));
            throw new ApiException(ApiException.Kind.INVALID, "mask", "mask: "
                    + (problem.length() > SHOWN ? problem.substring(0, SHOWN) + "..." : problem));
        }
    }

    /** Types of masks alone, and not too many of them. */
    private static void requireMask(Fields fields, JsonNode mask) {
        List<JsonNode> types = mask.findValues("type");
        if (types.isEmpty() || types.size() > MOST_PARTS) {
            throw fields.wrong("mask", types.size() + " masks",
                    "1 to " + MOST_PARTS + ", each an object with its type");
        }
        types.forEach(type -> {
            if (!type.asText().matches(LookInside.maskPackage().replace(".", "\\.") + "\\w+")) {
                throw fields.wrong("mask", "a type that is none", "types of " + LookInside.maskPackage());
            }
        });
        List<JsonNode> numbers = new ArrayList<>(mask.findValues("order"));
        numbers.addAll(mask.findValues("lengths"));
        if (numbers.stream().anyMatch(list -> list.size() > MOST_PLACES)) {
            throw fields.wrong("mask", "a longer list", "lists of up to " + MOST_PLACES);
        }
    }

    private Models.Lease lease(Fields fields) {
        Models.Lease lease = api.lease(fields);
        if (!lease.adapter().isEmpty()) {
            lease.close();
            throw new ApiException(ApiException.Kind.INVALID, "model",
                    "model: got an adapter, allowed the model itself");
        }
        return lease;
    }

    private static ObjectNode view(LookInside.View view, Tokenizer tokenizer) {
        ObjectNode answer = Json.object();
        Insight insight = view.insight();
        Encoding row = view.tokens();
        int[] special = row.specialTokensMask();
        ArrayNode tokens = answer.putArray("tokens");
        for (int i = 0; i < row.length(); i++) {
            named(tokens.addObject(), row.ids()[i], tokenizer).put("start", row.starts()[i]).put("end", row.ends()[i])
                    .put("special", special[i] == 1);
        }
        answer.put("predicts", insight.predicts().name().toLowerCase(Locale.ROOT));
        ArrayNode predictions = answer.putArray("predictions");
        for (Insight.Prediction prediction : insight.predictions()) {
            ObjectNode one = predictions.addObject();
            ArrayNode best = one.putArray("best");
            prediction.best().forEach(choice -> choice(best.addObject(), choice, tokenizer));
            prediction.actual().ifPresent(actual ->
                    choice(one.putObject("actual"), actual, tokenizer).put("rank", prediction.rank()));
        }
        ArrayNode maps = answer.putArray("maps");
        insight.maps().forEach(layer -> {
            ArrayNode heads = maps.addArray();
            layer.forEach(head -> heads.add(numbers(head)));
        });
        ArrayNode neighbours = answer.putArray("neighbours");
        insight.neighbours().forEach(layer -> {
            ArrayNode all = neighbours.addArray();
            layer.forEach(near -> {
                ArrayNode own = all.addArray();
                near.forEach(one -> own.addObject().put("token", one.token()).put("cosine", number(one.cosine())));
            });
        });
        return answer;
    }

    private static ObjectNode choice(ObjectNode node, Insight.Choice choice, Tokenizer tokenizer) {
        return named(node, choice.id(), tokenizer).put("probability", number(choice.probability()));
    }

    private static ObjectNode named(ObjectNode node, int id, Tokenizer tokenizer) {
        boolean known = id < tokenizer.vocabSize(); // models may have scores of tokens that no tokenizer makes
        return node.put("id", id).put("token", known ? tokenizer.token(id) : "")
                .put("text", known ? tokenizer.decodeWithSpecialTokens(new int[] {id}) : "");
    }

    private static ArrayNode numbers(float[][] rows) {
        ArrayNode all = Json.array();
        for (float[] row : rows) {
            ArrayNode numbers = all.addArray();
            for (float value : row) {
                numbers.add(number(value));
            }
        }
        return all;
    }

    private static double number(float value) {
        return Math.rint(value * EXACT) / EXACT;
    }
}
