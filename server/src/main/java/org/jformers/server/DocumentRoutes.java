package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * {@code POST /documents}, {@code GET} and {@code PUT /documents/ID}: texts of Write With Transformer, in spans that
 * say who wrote them. Who knows an id, which cannot be guessed, may read and change the document.
 */
final class DocumentRoutes {
    private static final int LONGEST_TITLE = 200;
    private static final int LONGEST_MODEL = 200;
    private static final int LONGEST_TEXT = 500_000;
    private static final int MOST_SPANS = 10_000;

    private static final Pattern ID = Pattern.compile("doc_[0-9a-f]{24}");
    /** Reads what was written here, and so needs no bounds of its own. */
    private static final Json STORED = new Json(Integer.MAX_VALUE);

    private final Api api;
    private final Documents documents;

    DocumentRoutes(Api api, Documents documents) {
        this.api = api;
        this.documents = documents;
    }

    void add(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        ObjectNode content = content(fields);
        fields.requireNothingElse();
        reply(exchange, documents.add(Api.id("doc_"), text(content)).orElseThrow(
                () -> new ApiException(ApiException.Kind.FULL, "documents: got one more than the server keeps")));
    }

    void get(Exchange exchange, String id) {
        reply(exchange, find(id));
    }

    private Documents.Document find(String id) {
        return Optional.of(id).filter(ID.asMatchPredicate()).flatMap(documents::find).orElseThrow(
                () -> new ApiException(ApiException.Kind.NO_DOCUMENT, "document: there is none of this id"));
    }

    void put(Exchange exchange, String id) {
        Fields fields = exchange.fields(api.json());
        ObjectNode content = content(fields);
        OptionalInt revision = fields.count("revision", 1, Integer.MAX_VALUE - 1);
        fields.requireNothingElse();
        int replaced = revision.orElseThrow(() -> fields.wrong("revision", "nothing", "the one that is replaced"));
        Optional<Documents.Document> changed = documents.change(find(id).id(), replaced, text(content));
        if (changed.isEmpty()) {
            int now = find(id).revision();
            throw new ApiException(ApiException.Kind.CHANGED, "revision",
                    "revision: got " + replaced + ", allowed " + now + ", which it has by now");
        }
        reply(exchange, changed.get());
    }

    /** What a document may have, checked. */
    private static ObjectNode content(Fields fields) {
        ObjectNode content = Json.object().put("title", bounded(fields, "title", LONGEST_TITLE))
                .put("model", bounded(fields, "model", LONGEST_MODEL));
        ArrayNode spans = content.putArray("spans");
        int length = 0;
        for (JsonNode each : fields.list("spans", MOST_SPANS)) {
            Fields span = fields.within("spans", each);
            String text = span.requireText("text");
            String origin = span.requireText("origin");
            span.requireNothingElse();
            if (!origin.equals("typed") && !origin.equals("generated")) {
                throw span.wrong("origin", "another word", "typed or generated");
            }
            length += text.length();
            if (length > LONGEST_TEXT) {
                throw fields.wrong("spans", "more than " + LONGEST_TEXT + " characters", "as many");
            }
            spans.addObject().put("text", text).put("origin", origin);
        }
        return content;
    }

    private static String bounded(Fields fields, String name, int longest) {
        String text = fields.text(name).orElse("");
        if (text.length() > longest) {
            throw fields.wrong(name, text.length() + " characters", "up to " + longest);
        }
        return text;
    }

    private String text(ObjectNode content) {
        return new String(api.json().bytes(content), StandardCharsets.UTF_8);
    }

    private void reply(Exchange exchange, Documents.Document document) {
        ObjectNode answer = Json.object().put("id", document.id()).put("object", "document")
                .put("revision", document.revision()).put("changed", document.changed());
        answer.setAll(STORED.object(document.content().getBytes(StandardCharsets.UTF_8)));
        exchange.http().res().setHeader("Cache-Control", "no-store");
        api.reply(exchange, answer);
    }
}
