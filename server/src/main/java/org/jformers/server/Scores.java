package org.jformers.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jformers.generation.TokenScore;
import org.jformers.text.tokenizer.Tokenizer;

/** How likely tokens were, in the forms of OpenAI's API. */
final class Scores {
    /** JSON has no infinity; what OpenAI says of tokens that cannot come. */
    private static final float LEAST = -9999;
    private static final char REPLACED = '\uFFFD';

    private final Tokenizer tokenizer;

    Scores(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** As chat completions have it. */
    ObjectNode chat(List<TokenScore> scores) {
        ObjectNode node = Json.object();
        ArrayNode content = node.putArray("content");
        for (TokenScore score : scores) {
            ObjectNode token = token(score);
            ArrayNode best = token.putArray("top_logprobs");
            score.best().forEach(one -> best.add(token(one)));
            content.add(token);
        }
        node.putNull("refusal");
        return node;
    }

    private ObjectNode token(TokenScore score) {
        ObjectNode node = Json.object();
        String text = text(score.id());
        node.put("token", text).put("logprob", Math.max(LEAST, score.logProbability()));
        if (text.indexOf(REPLACED) >= 0) {
            node.putNull("bytes"); // a part of a character, whose bytes no text has
        } else {
            ArrayNode bytes = node.putArray("bytes");
            for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
                bytes.add(each & 0xff);
            }
        }
        return node;
    }

    /**
     * As completions have it.
     *
     * @param offset where the text of the first one begins
     */
    ObjectNode completion(List<TokenScore> scores, int offset) {
        ObjectNode node = Json.object();
        ArrayNode tokens = node.putArray("tokens");
        ArrayNode logs = node.putArray("token_logprobs");
        ArrayNode best = node.putArray("top_logprobs");
        ArrayNode offsets = node.putArray("text_offset");
        int at = offset;
        for (TokenScore score : scores) {
            String text = text(score.id());
            tokens.add(text);
            logs.add(Math.max(LEAST, score.logProbability()));
            ObjectNode others = best.addObject();
            score.best().forEach(one -> others.put(text(one.id()), Math.max(LEAST, one.logProbability())));
            offsets.add(at);
            at += text.length();
        }
        return node;
    }

    private String text(int id) {
        return tokenizer.decodeWithSpecialTokens(new int[] {id});
    }
}
