package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.data.DialogueRows;
import org.jformers.data.DialogueTokens;
import org.jformers.data.Dialogues;
import org.jformers.data.Draw;
import org.jformers.evaluation.metric.DialogueF1;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.DoubleHeads;
import org.jformers.pipeline.TextGeneration;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.DecodeOptions;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows and losses against the reference, and a run from the dialogues to a model that talks. */
final class DialogueTest {
    private static final Path FIXTURE = fixture();

    @TempDir
    private Path folder;

    private static Path fixture() {
        try {
            return Path.of(DialogueTest.class.getResource("/dialogue").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode expected() throws IOException {
        return new JsonMapper().readTree(Files.readString(FIXTURE.resolve("expected.json")));
    }

    private static long[] flat(JsonNode nested) {
        List<Long> values = new ArrayList<>();
        collect(nested, values);
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static void collect(JsonNode nested, List<Long> values) {
        if (nested.isArray()) {
            nested.forEach(part -> collect(part, values));
        } else {
            values.add(nested.longValue());
        }
    }

    private static Batch batch(int history, boolean types) {
        DialogueTokens tokens = new DialogueTokens(AutoTokenizer.load(FIXTURE), history, 96);
        DialogueRows rows = DialogueRows.of(Dialogues.read(FIXTURE.resolve("dialogues.json")).training(),
                new DialogueRows.Form(tokens, 2, 1, types, 4));
        return rows.collate(new int[] {0, 1}, Draw.FIXED, 1);
    }

    @Test
    void rowsAndLossesAreTheReferences() throws IOException {
        try (Model model = AutoModel.load(FIXTURE); NoGrad noGrad = new NoGrad()) {
            for (JsonNode one : expected()) {
                Batch batch = batch(one.path("max_history").intValue(), one.path("types").booleanValue());
                assertThat(batch.fields().keySet()).containsExactlyInAnyOrderElementsOf(
                        () -> one.path("batch").fieldNames());
                one.path("batch").properties().forEach(field -> assertThat(batch.longs(field.getKey()).values())
                        .as(field.getKey()).containsExactly(flat(field.getValue())));
                double[] terms = Scopes.get(() -> {
                    Loss loss = new DoubleHeads(model, 2, 3).loss(batch);
                    assertThat(loss.terms()).extracting(Loss.Term::weight).containsExactly(2.0, 3.0);
                    return loss.terms().stream().mapToDouble(term -> Tensors.toFloats(term.sum())[0]).toArray();
                });
                assertThat(terms[0] / batch.labels()).isCloseTo(one.path("loss").doubleValue(), within(1e-5));
                assertThat(terms[1]).isCloseTo(one.path("mc_loss").doubleValue(), within(1e-5));
            }
        }
    }

    @Test
    void chatTemplateWritesTheSameTokens() throws IOException {
        Path model = folder.resolve("model");
        Files.createDirectories(model);
        try (var files = Files.list(FIXTURE)) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        for (int history : new int[] {0, 1, 2}) {
            Files.writeString(model.resolve("chat_template.jinja"), PreparedDialogue.template(history));
            DialogueTokens tokens = new DialogueTokens(AutoTokenizer.load(FIXTURE), history, 96);
            try (TextGeneration writer = TextGeneration.load(model)) {
                for (Dialogues.Reply reply : Dialogues.read(FIXTURE.resolve("dialogues.json")).training()) {
                    List<Map<String, Object>> messages = new ArrayList<>();
                    messages.add(Map.of("role", "system", "content", String.join(" ", reply.persona())));
                    IntStream.range(0, reply.history().size()).forEach(i -> messages.add(Map.of(
                            "role", i % 2 == 0 ? "user" : "assistant", "content", reply.history().get(i))));
                    DialogueTokens.Row row = tokens.row(reply, reply.right());
                    assertThat(writer.tokens(messages, false, 1))
                            .containsExactly(Arrays.copyOf(row.ids(), row.reply()));
                    messages.add(Map.of("role", "user", "content", reply.right()));
                    assertThat(writer.tokens(messages, true, 1))
                            .containsExactly(Arrays.copyOf(row.ids(), row.ids().length - 1));
                }
            }
        }
    }

    @Test
    void oldTurnsAndThenLongTextsMakeRoom() {
        Tokenizer tokenizer = AutoTokenizer.load(FIXTURE);
        Dialogues.Reply reply = Dialogues.read(FIXTURE.resolve("dialogues.json")).training().get(1);
        int whole = new DialogueTokens(tokenizer, 2, 96).row(reply, reply.right()).ids().length;
        int last = new DialogueTokens(tokenizer, 0, 96).row(reply, reply.right()).ids().length;
        assertThat(new DialogueTokens(tokenizer, 2, last).row(reply, reply.right()).ids()).hasSize(last);
        for (int room = last - 1; room > last - 12; room--) {
            DialogueTokens.Row row = new DialogueTokens(tokenizer, 2, room).row(reply, reply.right());
            assertThat(row.ids()).hasSize(room);
            assertThat(row.ids()[room - 1]).isEqualTo(tokenizer.id("<eos>").orElseThrow());
        }
        assertThat(whole).isGreaterThan(last);
    }

    @Test
    void personasAreTurned() {
        DialogueTokens tokens = new DialogueTokens(AutoTokenizer.load(FIXTURE), 2, 96);
        List<Dialogues.Reply> replies = Dialogues.read(FIXTURE.resolve("dialogues.json")).training();
        assertThat(DialogueRows.of(replies, new DialogueRows.Form(tokens, 2, 2, false, 4)).size()).isEqualTo(4);
    }

    @Test
    void wordsAreComparedAsParlAiDoes() {
        assertThat(DialogueF1.of("The cat, a cat!", "cat dog")).isCloseTo(0.5, within(1e-9));
        assertThat(DialogueF1.of("it's", "it s")).isEqualTo(1);
        assertThat(DialogueF1.of("", "")).isZero();
        assertThat(DialogueF1.of("yes", "no")).isZero();
    }

    @Test
    void aPretrainedModelLearnsToTalk() throws IOException {
        FineTuning tuning = FineTuning.of(FIXTURE.toString()).task(new Dialogue.Type())
                .set("task.data.train", FIXTURE.resolve("dialogues.json").toString())
                .batch(2).epochs(60).learningRate(1e-2).set("training.precision", "float32")
                .set("records.validate_every", "1000").set("records.model", "last");
        var result = tuning.run(folder.resolve("run"));
        assertThat(result.headline()).startsWith("hits@1 100.0 %, perplexity 1.");
        Path model = folder.resolve("run/model");
        GenerationConfig settings = GenerationConfig.load(model);
        assertThat(settings.doSample()).isTrue();
        assertThat(settings.temperature()).isEqualTo(0.7);
        assertThat(settings.maxNewTokens()).hasValue(20);
        try (TextGeneration writer = TextGeneration.load(model)) {
            int[] ids = writer.tokens(List.of(Map.of("role", "system", "content", "I bake bread. I get up at four."),
                    Map.of("role", "user", "content", "Good morning!")), false, 20);
            assertThat(writer.write(List.of(ids), DecodeOptions.DEFAULT,
                    settings.with().doSample(false).build(), Controls.NONE).get(0).get(0)
                    .text()).isEqualTo("Good morning, the bread is ready.");
        }
    }

    @Test
    void dataInAnotherFormIsRefused() {
        Map.of("[]", "no list train", "{\"train\": [], \"valid\": []}", "train has no replies",
                "{\"train\": [{\"personality\": [1]}]}", "train[0].personality: got 1, allowed texts",
                "{", "not valid JSON").forEach((json, message) -> assertThatThrownBy(() -> Dialogues.of(json, "x"))
                .isInstanceOf(JformersException.class).hasMessageContaining("x: ").hasMessageContaining(message));
    }
}
