package org.jformers.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jformers.text.ForeignJson;

/**
 * Dialogues of somebody with a persona, in the form of {@code personachat_self_original.json} (ConvAI2): an object with
 * {@code train} and {@code valid}, lists of objects with {@code personality}, sentences, and {@code utterances}, each
 * with {@code history}, what both said until then, and {@code candidates}, of which the last is what was replied.
 *
 * @param training replies to learn
 * @param validation replies to measure on
 */
public record Dialogues(List<Reply> training, List<Reply> validation) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public Dialogues {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
    }

    /**
     * A place in a dialogue.
     *
     * @param persona sentences about whoever replies
     * @param history what both said, the other one last
     * @param candidates replies, the right one last
     */
    public record Reply(List<String> persona, List<String> history, List<String> candidates) {
        public Reply {
            persona = List.copyOf(persona);
            history = List.copyOf(history);
            candidates = List.copyOf(candidates);
        }

        /** What was replied. */
        public String right() {
            return candidates.get(candidates.size() - 1);
        }

        /** The same with the persona's first sentences moved behind its last ones. */
        Reply rotated(int sentences) {
            List<String> turned = new ArrayList<>(persona);
            Collections.rotate(turned, sentences);
            return new Reply(turned, history, candidates);
        }
    }

    /** Reads a file. */
    public static Dialogues read(Path file) {
        try {
            return of(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new DataException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads JSON.
     *
     * @param source the place that errors name
     */
    public static Dialogues of(String json, String source) {
        JsonNode read;
        try {
            read = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new DataException(source + ": not valid JSON, " + ForeignJson.problem(e), e);
        }
        return new Dialogues(part(read, "train", source), part(read, "valid", source));
    }

    private static List<Reply> part(JsonNode all, String part, String source) {
        JsonNode dialogues = all.path(part);
        if (!dialogues.isArray()) {
            throw new DataException(source + ": no list " + part + ", allowed an object with train and valid");
        }
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < dialogues.size(); i++) {
            String place = source + ": " + part + "[" + i + "]";
            List<String> persona = texts(dialogues.get(i).path("personality"), place + ".personality");
            JsonNode utterances = dialogues.get(i).path("utterances");
            if (!utterances.isArray()) {
                throw new DataException(place + ": no list utterances");
            }
            for (JsonNode utterance : utterances) {
                List<String> candidates = texts(utterance.path("candidates"), place + ".utterances: candidates");
                if (candidates.isEmpty()) {
                    throw new DataException(place + ".utterances: got no candidates, allowed at least the reply");
                }
                replies.add(new Reply(
                        persona, texts(utterance.path("history"), place + ".utterances: history"), candidates));
            }
        }
        if (replies.isEmpty()) {
            throw new DataException(source + ": " + part + " has no replies");
        }
        return replies;
    }

    private static List<String> texts(JsonNode list, String place) {
        List<String> texts = new ArrayList<>();
        if (!list.isArray()) {
            throw new DataException(place + ": no list of texts");
        }
        for (JsonNode text : list) {
            if (!text.isTextual()) {
                throw new DataException(place + ": got " + text + ", allowed texts");
            }
            texts.add(text.textValue());
        }
        return texts;
    }
}
