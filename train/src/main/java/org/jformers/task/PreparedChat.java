package org.jformers.task;

import static org.jformers.task.Checks.named;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.Conversation;
import org.jformers.data.DataException;
import org.jformers.data.DataSource;
import org.jformers.data.LabelledSequences;
import org.jformers.data.Table;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.tensor.Precision;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Conversations of which the answers are predicted. */
final class PreparedChat implements PreparedTask {
    /** Longest answer that the report shows, in tokens. */
    private static final int SAMPLE_TOKENS = 128;

    /** Tokens of a conversation where the model can read more and the settings do not say how many. */
    private static final int LONGEST = 1024;

    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("loss", "", 4, false),
            new ReportData.Measure("perplexity", "", 3, false),
            new ReportData.Measure("accuracy", "%", 2, true));

    private final Chat task;
    private final RunStart start;
    private final TextModel base;
    private final ChatEncoding encoding;
    private final TextFiles rows;
    private final LabelledSequences training;
    private final LabelledSequences validation;
    private final LabelledSequences test;
    private final List<ChatEncoding.Row> shown;

    PreparedChat(Chat task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        base = TextModel.of(start, Task.CAUSAL_LM);
        AutoModel.requireCausal(base.config(), Task.CAUSAL_LM, "model.from");
        int room = base.room(task.maxLength(), LONGEST);
        encoding = ChatEncoding.of(start.folder().orElseThrow(), base.tokenizer(), room);
        Chat.Data data = task.data();
        Columns columns = Columns.of(DataSource.of(Path.of(named("task.data.train", data.train()))), data);
        rows = TextFiles.read(data.train(), data.validation(), data.test(), columns::read, columns.key(),
                start.experiment().seed(), console);
        Tokenizer tokenizer = base.tokenizer();
        var form = new LabelledSequences.Form(task.packing(), room, task.batch(),
                Stream.of(tokenizer.specialTokens().pad(), base.end()).flatMap(id -> id.stream().boxed())
                        .findFirst().orElse(0));
        training = encoding.examples(columns.conversations(rows.training()), "training", form, console);
        validation = encoding.examples(columns.conversations(rows.validation()), "validation", form, console);
        test = rows.test() == rows.validation()
                ? validation
                : encoding.examples(columns.conversations(rows.test()), "test", form, console);
        shown = columns.conversations(rows.test());
        console.say(String.format(Locale.ROOT, "%,d conversations in %,d rows to train on; answers are found by %s",
                training.size(), training.rows(), encoding.plain().marksAnswers()
                        ? "the template's marks"
                        : "rendering conversations up to them"));
    }

    /**
     * Where a conversation stands in a row.
     *
     * @param texts the column of the messages; of rows without, those of the user's text and of the answer
     * @param tools empty if there are none
     */
    private record Columns(List<String> texts, Optional<String> tools) {
        static Columns of(DataSource source, Chat.Data data) {
            if (data.pairs()) {
                return new Columns(
                        List.of(named("task.data.prompt", data.prompt()), named("task.data.answer", data.answer())),
                        Optional.empty());
            }
            List<String> there = source.columns();
            String messages = Optional.ofNullable(data.messages())
                    .or(() -> Stream.of("messages", "conversations").filter(there::contains).findFirst())
                    .orElseThrow(() -> new DataException(source.name() + ": no column \"messages\" or"
                            + " \"conversations\", there are: " + String.join(", ", there)));
            Optional<String> tools = Optional.ofNullable(data.tools())
                    .or(() -> Stream.of("tools").filter(there::contains).findFirst());
            return new Columns(List.of(messages), tools);
        }

        String key() {
            return texts.get(0);
        }

        Table read(Path file) {
            return Table.read(DataSource.of(file), texts, tools.stream().toList());
        }

        List<ChatEncoding.Row> conversations(Table table) {
            return IntStream.range(0, table.size()).mapToObj(i -> new ChatEncoding.Row(texts.size() > 1
                            ? Conversation.of(table.column(texts.get(0)).get(i), table.column(texts.get(1)).get(i))
                            : Conversation.parse(table.column(texts.get(0)).get(i),
                                    tools.map(column -> table.column(column).get(i)).orElse(""), table.row(i)),
                    table.row(i))).toList();
        }
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    @Override
    public Model model() {
        return start.load(LoadRequest.of(Task.CAUSAL_LM));
    }

    @Override
    public Objective objective(Model model) {
        return new NextToken(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        figures.put("perplexity", Math.exp(MetricRow.figure(figures, MetricRow.LOSS)));
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        base.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        List<ReportData.Result> results = new ArrayList<>();
        List<ReportData.Sample> samples;
        double perplexity;
        try (Model model = AutoModel.load(modelFolder)) {
            Map<String, Double> ours = measure(model, Precision.FLOAT32, test.evaluationBatches());
            perplexity = Math.exp(MetricRow.figure(ours, MetricRow.LOSS));
            results.add(new ReportData.Result("this model", "", values(ours)));
            samples = samples(model, GenerationConfig.load(modelFolder));
        }
        start.before(this::model, model -> values(measure(model, Precision.FLOAT32, test.evaluationBatches())))
                .ifPresent(results::add);
        return new Outcome(
                String.format(Locale.ROOT, "perplexity %.3f on the answers of %,d %s conversations",
                        perplexity, test.size(), rows.measured()),
                MEASURES, results, samples, List.of());
    }

    private static List<Double> values(Map<String, Double> figures) {
        double loss = MetricRow.figure(figures, MetricRow.LOSS);
        return List.of(loss, Math.exp(loss), 100 * MetricRow.figure(figures, MetricRow.ACCURACY));
    }

    /** What the model says in place of the last answers. */
    private List<ReportData.Sample> samples(Model model, GenerationConfig settings) {
        List<ReportData.Sample> samples = new ArrayList<>();
        Generator generator = new Generator(model);
        for (ChatEncoding.Row row : shown.subList(0, Math.min(task.evaluation().samples(), shown.size()))) {
            Optional<Conversation> before = row.conversation().beforeLastAnswer();
            if (before.isEmpty()) {
                continue;
            }
            int[] prompt = encoding.prompt(before.get()).encode(base.tokenizer()).ids();
            int room = encoding.room() - prompt.length;
            if (room > 0) {
                GenerationConfig limited = settings.with().maxNewTokens(Math.min(SAMPLE_TOKENS, room)).build();
                int[] written = generator.generate(List.of(prompt), limited,
                        Controls.NONE.withSeed(start.experiment().seed())).get(0).get(0).ids();
                List<Map<String, Object>> messages = row.conversation().messages();
                int answer = before.get().messages().size();
                samples.add(new ReportData.Sample(answer == 0 ? "" : content(messages.get(answer - 1)),
                        content(messages.get(answer)), base.tokenizer().decode(written).trim()));
            }
        }
        return samples;
    }

    private static String content(Map<String, Object> message) {
        return String.valueOf(message.getOrDefault("content", ""));
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        Conversation asked = shown.stream().flatMap(row -> row.conversation().beforeLastAnswer().stream())
                .findFirst().orElseThrow();
        String text = encoding.prompt(asked).text();
        // The tokenizer writes the beginning itself where it does so for any text.
        List<String> added = base.tokenizer().encode("").tokens();
        String begin = added.isEmpty() ? "" : added.get(0);
        return new ReportData.Command("Ask the model", "./jformers generate --model "
                + Shell.quoted(modelFolder.toString()) + " --prompt "
                + Shell.quoted(text.startsWith(begin) ? text.substring(begin.length()) : text));
    }

    @Override
    public String pipelineTag() {
        return "text-generation";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
