package org.jformers.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jformers.VisibleText;
import org.jformers.data.Questions.Answer;
import org.jformers.data.Questions.Question;

/** Questions in the JSON of SQuAD 1.1 and 2.0: articles of paragraphs, each a context with questions. */
final class SquadFile {
    private static final JsonMapper JSON = new JsonMapper();

    private final DataFile file;
    private final List<Question> questions = new ArrayList<>();
    private final Map<String, Long> blanks = new LinkedHashMap<>();
    private final Set<String> ids = new HashSet<>();

    private SquadFile(DataFile file) {
        this.file = file;
    }

    static Questions read(DataFile file) {
        file.requireContent();
        SquadFile reading = new SquadFile(file);
        try (InputStream in = file.open()) {
            reading.articles(JSON.readTree(in));
        } catch (JacksonException e) {
            throw new DataException(file.name() + ": broken JSON in line "
                    + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()), e);
        } catch (IOException e) {
            throw new DataException(file.name() + ": cannot be read: " + e.getMessage(), e);
        }
        return new Questions(file.name(), reading.questions, reading.blanks);
    }

    private void articles(JsonNode root) {
        List<JsonNode> articles = list(root, "data", "");
        for (int i = 0; i < articles.size(); i++) {
            String place = "data[" + i + "]";
            List<JsonNode> paragraphs = list(articles.get(i), "paragraphs", place);
            for (int j = 0; j < paragraphs.size(); j++) {
                paragraph(paragraphs.get(j), place + ".paragraphs[" + j + "]");
            }
        }
    }

    private void paragraph(JsonNode paragraph, String place) {
        String context = text(paragraph, "context", place);
        List<JsonNode> asked = list(paragraph, "qas", place);
        for (int i = 0; i < asked.size(); i++) {
            question(asked.get(i), context, place + ".qas[" + i + "]");
        }
    }

    private void question(JsonNode asked, String context, String place) {
        String id = text(asked, "id", place);
        if (!ids.add(id)) {
            throw new DataException(file.name() + ": " + place + ": id \"" + VisibleText.line(id)
                    + "\" occurs twice, allowed: each once");
        }
        List<Answer> answers = new ArrayList<>();
        List<JsonNode> accepted = list(asked, "answers", place);
        for (int i = 0; i < accepted.size(); i++) {
            String where = place + ".answers[" + i + "]";
            JsonNode start = accepted.get(i).path("answer_start");
            if (!start.canConvertToInt() || !start.isIntegralNumber()) {
                throw wrong(where, "answer_start", "a number");
            }
            answers.add(Answer.at(context, text(accepted.get(i), "text", where), start.intValue()));
        }
        Question question = new Question(id, text(asked, "question", place), context, answers);
        String blank = context.isBlank() ? "context" : question.question().isEmpty() ? "question" : "";
        if (blank.isEmpty()) {
            questions.add(question);
        } else {
            blanks.merge(blank, 1L, Long::sum);
        }
    }

    private String text(JsonNode node, String key, String place) {
        if (!node.path(key).isTextual()) {
            throw wrong(place, key, "a text");
        }
        return node.get(key).textValue();
    }

    private List<JsonNode> list(JsonNode node, String key, String place) {
        if (!node.path(key).isArray()) {
            throw wrong(place, key, "a list");
        }
        List<JsonNode> elements = new ArrayList<>();
        node.get(key).forEach(elements::add);
        return elements;
    }

    private DataException wrong(String place, String key, String allowed) {
        return new DataException(file.name() + ": not in the form of SQuAD: " + (place.isEmpty() ? "" : place + ": ")
                + key + " is missing or of another type, allowed: " + allowed);
    }
}
