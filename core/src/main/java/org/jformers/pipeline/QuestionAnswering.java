package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Finds the answer to a question in a context: its likeliest stretches, in whole words. Contexts that are too long are
 * read in windows. Owns its model. May serve several threads.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/question_answering.py}; later versions have no such pipeline.
 */
public final class QuestionAnswering implements Pipeline {
    private static final String NAME = "question answering";
    private static final List<Task> TASKS = List.of(Task.QUESTION_ANSWERING);
    private static final List<String> OUTPUTS = List.of("start_logits", "end_logits");
    private static final int LONGEST_ROW = 384;
    private static final int LONGEST_STRIDE = 128;

    private final TextReader reader;

    /** What is asked. */
    public record Input(String question, String context) {}

    /**
     * How answers are found.
     *
     * @param topK how many answers there are at most
     * @param rowLength tokens of a row; empty for 384, or as many as tokenizer and model take
     * @param stride tokens of the context that neighbouring windows share; empty for 128, or half a row
     * @param answerLength tokens of an answer at most
     * @param questionLength tokens of a question, of which what is beyond is cut; empty to cut none
     * @param mayBeNone whether the answer may be that there is none
     */
    public record Options(
            int topK,
            OptionalInt rowLength,
            OptionalInt stride,
            int answerLength,
            OptionalInt questionLength,
            boolean mayBeNone) {
        /** The best answer, up to 15 tokens long. */
        public static final Options DEFAULT =
                new Options(1, OptionalInt.empty(), OptionalInt.empty(), 15, OptionalInt.empty(), false);

        public Options {
            atLeastOne("top_k", topK);
            atLeastOne("max_answer_len", answerLength);
            rowLength.ifPresent(length -> atLeastOne("max_seq_len", length));
            questionLength.ifPresent(length -> atLeastOne("max_question_len", length));
        }

        private static void atLeastOne(String name, int got) {
            if (got < 1) {
                throw new JformersException(NAME + ": " + name + ": got " + got + ", allowed >= 1");
            }
        }

        public Options best(int answers) {
            return new Options(answers, rowLength, stride, answerLength, questionLength, mayBeNone);
        }

        public Options orNone() {
            return new Options(topK, rowLength, stride, answerLength, questionLength, true);
        }
    }

    /** Takes a model over; it is closed with this object. */
    public QuestionAnswering(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private QuestionAnswering(TextReader reader) {
        if (reader.model().identity().task() != Task.QUESTION_ANSWERING) {
            throw new ConfigException(NAME + ": got " + reader.model().identity().architecture()
                    + ", allowed models that score where an answer begins and ends");
        }
        this.reader = reader;
    }

    /** Loads a model folder, or the model of an id, with its tokenizer. */
    public static QuestionAnswering load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer. */
    public static QuestionAnswering load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static QuestionAnswering load(Path folder, LoadRequest request) {
        return new QuestionAnswering(TextReader.load(NAME, folder, request.withTasks(TASKS)));
    }

    /** The best answer. */
    public Answer answer(String question, String context) {
        return answer(List.of(new Input(question, context)), Options.DEFAULT).get(0).get(0);
    }

    /**
     * The answers to each question, the likeliest first; fewer than asked for where a context has no more.
     *
     * @throws JformersException if a question or a context is blank, or a question leaves no room for its context
     */
    public List<List<Answer>> answer(List<Input> inputs, Options options) {
        QuestionWindows cutting = windows(options);
        List<List<AnswerWindow>> windows = inputs.stream().map(input -> windows(cutting, input, options)).toList();
        List<Encoding> rows = windows.stream().flatMap(List::stream).map(AnswerWindow::row).toList();
        rows.forEach(row -> reader.require(row, "; max_seq_len cuts contexts to windows"));
        List<List<float[]>> scores = reader.read(TextReader.Per.TOKEN, rows, OUTPUTS);
        List<List<Answer>> answers = new ArrayList<>();
        OptionalInt cls = reader.tokenizer().specialTokens().cls();
        int begin = 0;
        for (int i = 0; i < inputs.size(); i++) {
            int end = begin + windows.get(i).size();
            answers.add(new Finding(inputs.get(i).context(), options, cls).answers(windows.get(i),
                    scores.get(0).subList(begin, end), scores.get(1).subList(begin, end)));
            begin = end;
        }
        return answers;
    }

    private QuestionWindows windows(Options options) {
        int most = IntStream.concat(reader.maxLength().stream(), IntStream.of(LONGEST_ROW)).min().orElseThrow();
        int length = options.rowLength().orElse(most);
        int stride = options.stride().orElse(Math.min(length / 2, LONGEST_STRIDE));
        if (stride > length) {
            throw new JformersException(NAME + ": doc_stride: got " + stride + ", allowed up to max_seq_len (" + length
                    + ")");
        }
        return new QuestionWindows(reader.tokenizer(), length, stride);
    }

    private List<AnswerWindow> windows(QuestionWindows cutting, Input input, Options options) {
        if (input.question().isBlank() || input.context().isBlank()) {
            throw new JformersException(NAME + ": got a blank " + (input.question().isBlank() ? "question" : "context")
                    + ", allowed texts");
        }
        List<AnswerWindow> windows = cutting.of(cut(input.question(), options.questionLength()), input.context());
        if (windows.stream().anyMatch(window -> window.from() == window.to())) {
            throw new JformersException(NAME + ": got a context without any token, allowed at least one");
        }
        if (windows.isEmpty()) {
            throw new JformersException(NAME + ": got a question that leaves no room for its context in "
                    + cutting.maxLength() + " tokens; max_question_len cuts it");
        }
        return windows;
    }

    private String cut(String question, OptionalInt length) {
        Encoding tokens = reader.tokenizer().encodePlain(question);
        return length.isEmpty() || tokens.length() <= length.getAsInt()
                ? question
                : question.substring(0, question.offsetByCodePoints(0, tokens.ends()[length.getAsInt() - 1]));
    }

    /**
     * The answers in one context.
     *
     * @param cls the token that has a share besides those of the context: that of no answer
     */
    private record Finding(String context, Options options, OptionalInt cls) {

        private List<Answer> answers(List<AnswerWindow> windows, List<float[]> starts, List<float[]> ends) {
            List<Answer> found = new ArrayList<>();
            float none = Float.POSITIVE_INFINITY;
            for (int i = 0; i < windows.size(); i++) {
                AnswerWindow window = windows.get(i);
                float[] start = shares(window, starts.get(i));
                float[] end = shares(window, ends.get(i));
                none = Math.min(none, start[0] * end[0]);
                start[0] = 0;
                end[0] = 0;
                candidates(window, start, end).forEach(candidate -> add(inWords(window, candidate), found));
            }
            if (options.mayBeNone()) {
                found.add(new Answer(none, 0, 0, ""));
            }
            return found.stream().sorted(Comparator.comparing(answer -> -answer.score())).limit(options.topK())
                    .toList();
        }

        /** The softmax over the tokens of the context and the class token. */
        private float[] shares(AnswerWindow window, float[] scores) {
            float[] masked = scores.clone();
            for (int i = 0; i < masked.length; i++) {
                boolean inContext = i >= window.from() && i < window.to();
                boolean counts = inContext || cls.isPresent() && window.row().ids()[i] == cls.getAsInt();
                masked[i] = counts ? masked[i] : -10_000;
            }
            return ScoreFunction.SOFTMAX.apply(masked);
        }

        private record Candidate(int first, int last, float score) {}

        /** More than are asked for, since several may be of the same words. */
        private List<Candidate> candidates(AnswerWindow window, float[] start, float[] end) {
            return IntStream.range(window.from(), window.to()).boxed()
                    .flatMap(first -> IntStream
                            .range(first, Math.min(window.to(), first + options.answerLength()))
                            .mapToObj(last -> new Candidate(first, last, start[first] * end[last])))
                    .sorted(Comparator.comparing(candidate -> -candidate.score()))
                    .limit(2L * options.topK() + 10)
                    .toList();
        }

        /** The words that the tokens are of. */
        private Answer inWords(AnswerWindow window, Candidate candidate) {
            Encoding row = window.row();
            int[] words = row.words();
            int first = candidate.first();
            int last = candidate.last();
            while (first > window.from() && words[first - 1] == words[candidate.first()]) {
                first--;
            }
            while (last + 1 < window.to() && words[last + 1] == words[candidate.last()]) {
                last++;
            }
            int start = row.starts()[first];
            int end = row.ends()[last];
            int from = context.offsetByCodePoints(0, start);
            return new Answer(candidate.score(), start, end,
                    context.substring(from, context.offsetByCodePoints(from, Math.max(0, end - start))));
        }

        /** Answers of the same words, whatever their case, are one. */
        private static void add(Answer answer, List<Answer> found) {
            String words = answer.answer().toLowerCase(Locale.ROOT);
            for (int i = 0; i < found.size(); i++) {
                Answer other = found.get(i);
                if (other.answer().toLowerCase(Locale.ROOT).equals(words)) {
                    found.set(i, new Answer(other.score() + answer.score(), other.start(), other.end(),
                            other.answer()));
                    return;
                }
            }
            found.add(answer);
        }
    }

    @Override
    public LoadReport report() {
        return reader.model().report();
    }

    @Override
    public void close() {
        reader.close();
    }
}
