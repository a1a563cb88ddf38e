package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jformers.text.tokenizer.DecodeOptions;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * {@code POST /tokenize} and {@code POST /detokenize}, as {@code transformers-cli serve} had them (4.57, {@code
 * commands/serving.py}), with {@code model} where several are served.
 */
final class TokenRoutes {
    private final Api api;

    TokenRoutes(Api api) {
        this.api = api;
    }

    void tokenize(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(fields)) {
            String text = fields.requireText("text_input");
            boolean ids = fields.flag("return_ids", false);
            fields.requireNothingElse();
            Tokenizer tokenizer = lease.model().tokenizer();
            Encoding encoding = tokenizer.encodePlain(text);
            ObjectNode answer = Json.object();
            ArrayNode tokens = answer.putArray("tokens");
            for (int id : encoding.ids()) {
                tokens.add(tokenizer.token(id));
            }
            if (ids) {
                ArrayNode all = answer.putArray("tokens_ids");
                for (int id : encoding.ids()) {
                    all.add(id);
                }
            }
            api.reply(exchange, answer);
        }
    }

    void detokenize(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(fields)) {
            Tokenizer tokenizer = lease.model().tokenizer();
            List<JsonNode> given = fields.list("tokens_ids", Integer.MAX_VALUE);
            boolean skip = fields.flag("skip_special_tokens", false);
            boolean cleanUp = fields.flag("cleanup_tokenization_spaces", true);
            fields.requireNothingElse();
            int[] ids = new int[given.size()];
            for (int i = 0; i < ids.length; i++) {
                JsonNode id = given.get(i);
                if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0
                        || id.intValue() >= tokenizer.vocabSize()) {
                    throw fields.wrong("tokens_ids", "something else", "ids from 0 to " + (tokenizer.vocabSize() - 1));
                }
                ids[i] = id.intValue();
            }
            DecodeOptions options = new DecodeOptions(!skip,
                    cleanUp ? DecodeOptions.Spaces.TAKEN_OUT : DecodeOptions.Spaces.AS_FILES_SAY);
            api.reply(exchange, Json.object().put("model", "").put("text", tokenizer.decode(ids, options)));
        }
    }
}
