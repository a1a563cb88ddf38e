package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Answer;
import org.jformers.pipeline.QuestionAnswering;
import org.jformers.pipeline.QuestionAnswering.Input;
import org.jformers.pipeline.QuestionAnswering.Options;

/** The answer to a question, found in texts. */
record QuestionAnsweringRun(QuestionAnswering pipeline) implements CalledTask<QuestionAnsweringRun.Call, List<Answer>> {
    private static final String QUESTION = "question";
    private static final String TOP_K = "top_k";
    private static final String MAY_BE_NONE = "handle_impossible_answer";

    record Call(Input input, Options options) implements CalledTask.Call {}

    QuestionAnsweringRun(Path folder, LoadRequest request) {
        this(QuestionAnswering.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        return new Call(input(fields), new Options(
                fields.count(TOP_K, 1).orElse(1),
                fields.count("max_seq_len", 1),
                fields.count("doc_stride", 0),
                fields.count("max_answer_len", 1).orElse(Options.DEFAULT.answerLength()),
                fields.count("max_question_len", 1),
                fields.flag(MAY_BE_NONE, false)));
    }

    private static Input input(CallFields fields) {
        if (!fields.inputs().isObject()) {
            return new Input(fields.requireText(QUESTION), fields.inputText());
        }
        CallFields texts = fields.within("inputs");
        String context = texts.requireText("context");
        String asked = texts.has(QUESTION) || !fields.has(QUESTION)
                ? texts.requireText(QUESTION)
                : fields.requireText(QUESTION);
        texts.requireNothingElse();
        return new Input(asked, context);
    }

    @Override
    public List<List<Answer>> answer(List<Call> calls) {
        return pipeline.answer(calls.stream().map(Call::input).toList(), calls.get(0).options());
    }

    /** One answer by itself, several in a list. */
    @Override
    public Object json(Call call, List<Answer> answers) {
        List<Map<String, Object>> all = answers.stream().map(QuestionAnsweringRun::json).toList();
        return all.size() == 1 ? all.get(0) : all;
    }

    private static Map<String, Object> json(Answer answer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("score", answer.score());
        fields.put("start", answer.start());
        fields.put("end", answer.end());
        fields.put("answer", answer.answer());
        return fields;
    }

    @Override
    public List<String> lines(Call call, List<Answer> answers) {
        return answers.stream().map(answer -> String.format(Locale.ROOT, "%.4f\t%d-%d\t%s",
                answer.score(), answer.start(), answer.end(), TextNode.valueOf(answer.answer()).toString())).toList();
    }
}
