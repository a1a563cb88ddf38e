package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FineTuneCommandTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path rows;
    private Path run;

    @BeforeEach
    void prepare() throws IOException {
        start = TinyClassifier.start(folder.resolve("start"));
        List<String> lines = new ArrayList<>(List.of("text\tlabel\tscore"));
        for (int i = 0; i < 40; i++) {
            lines.add("film " + i + (i % 2 == 0 ? " is good\t1\t0.5" : " is poor\t0\t-0.5"));
        }
        rows = Files.write(folder.resolve("rows.tsv"), lines);
        run = folder.resolve("run");
    }

    private Run finetune(String... more) {
        List<String> arguments = new ArrayList<>(List.of("finetune", start.toString(), "--train", rows.toString(),
                "--text", "text", "--precision", "float32"));
        arguments.addAll(Arrays.asList(more));
        return Run.jformers(arguments.toArray(String[]::new));
    }

    /** Each flag is a setting under a name of its own. */
    @Test
    void writesWhatItWasToldIntoTheExperiment() throws IOException {
        Path dev = Files.copy(rows, folder.resolve("dev.tsv"));
        Run trained = finetune("--task", "text-classification", "--label", "label", "--validation", dev.toString(),
                "--test", dev.toString(), "--max-steps", "4", "--batch", "8", "--learning-rate", "1e-3",
                "--optimizer", "lion", "--average", "0.5", "--schedule", "cosine", "--warmup-ratio", "0.25",
                "--weight-decay", "0.02", "--max-length", "16", "--seed", "7", "--accumulation", "2",
                "--gradient-checkpointing", "--freeze", "embeddings", "--skips", "3", "--head-rate", "2",
                "--layer-decay", "0.9", "--class-weights", "balanced", "--measure", "f1",
                "--patience", "3", "--lora", "2", "--lora-alpha", "3", "--lora-dropout", "0.1", "--lora-target",
                "q_lin,k_lin", "--lora-rslora", "--out", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.out()).startsWith("f1 ").contains("on 40 test rows");
        Run shown = Run.jformers("experiments", "show", run.resolve("experiment.json").toString());
        assertThat(shown.out()).contains("task.type = text-classification", "task.data.validation = " + dev,
                "task.data.test = " + dev, "training.steps = 4", "training.epochs = 0", "task.batch = 8",
                "schedule.learning_rate = 0.001", "optimizer.kind = lion", "optimizer.average = 0.5",
                "schedule.kind = cosine", "schedule.warmup_ratio = 0.25",
                "optimizer.weight_decay = 0.02", "task.max_length = 16", "seed = 7", "training.skips = 3",
                "training.accumulation = 2",
                "training.gradient_checkpointing = true", "model.freeze = embeddings", "optimizer.head_rate = 2.0",
                "optimizer.layer_decay = 0.9", "task.class_weights = balanced", "task.measure = f1",
                "records.patience = 3", "model.lora.rank = 2", "model.lora.alpha = 3.0", "model.lora.dropout = 0.1",
                "model.lora.targets = [\"q_lin\",\"k_lin\"]", "model.lora.rank_stabilized = true");
        Run again = Run.jformers("train", run.resolve("experiment.json").toString(), "--out",
                folder.resolve("again").toString());
        assertThat(again.out().lines().findFirst()).isEqualTo(trained.out().lines().findFirst());
        Run resumed = Run.jformers("finetune", "--resume", run.toString());
        assertThat(resumed.out().lines().findFirst()).isEqualTo(trained.out().lines().findFirst());
    }

    @Test
    void lastCheckpointsMakeAModel() {
        Run trained = finetune("--task", "text-classification", "--label", "label", "--max-steps", "6", "--batch", "8",
                "--set", "records.checkpoint_every=2", "--set", "records.keep_checkpoints=3", "--set",
                "records.model=last", "--out", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        Path mean = folder.resolve("mean");
        Run convert = Run.jformers("convert", run.toString(), "--average", "2", "--out", mean.toString());
        assertThat(convert.exitCode()).as(convert.err()).isZero();
        try (Checkpoint one = Checkpoint.open(run.resolve("checkpoints/checkpoint-000000004"));
                Checkpoint other = Checkpoint.open(run.resolve("checkpoints/checkpoint-000000006"));
                Checkpoint got = Checkpoint.open(mean)) {
            assertThat(got.names()).isEqualTo(one.names());
            for (String name : got.names()) {
                float[] a = Tensors.toFloats(one.tensor(name));
                float[] b = Tensors.toFloats(other.tensor(name));
                float[] c = Tensors.toFloats(got.tensor(name));
                for (int i = 0; i < c.length; i++) {
                    assertThat(c[i]).as(name).isEqualTo((a[i] + b[i]) / 2);
                }
            }
        }
        Run classify = Run.jformers("run", "text-classification", "--model", mean.toString(), "a fox");
        assertThat(classify.exitCode()).as(classify.err()).isZero();
        Run refused = Run.jformers("convert", run.toString(), "--average", "4", "--out", mean + "2");
        assertThat(refused.err()).contains("checkpoints: got 4 to take, allowed 1 to 3, as many as the run kept");
    }

    @Test
    void plansWithoutTraining() {
        Run plan = finetune("--task", "regression", "--label", "score", "--plan", "--epochs", "2");
        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out()).contains("36 rows to train on, 4 to validate on, held out",
                "numbers from -0.5000 to 0.5000",
                "4 steps, 2 an epoch", " s a step");
        assertThat(Path.of("runs")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --task text-classification --label klass              | no column "klass", there are: text, label, score
            --task text-klassification --label label              | nearest [text-classification
            --task regression --label label --multi-label ,       | --multi-label: regression has no such setting
            --task regression --label text                        | row 1
            --task text-classification --label label --batch many | --batch: task.batch: expected an integer, got many
            --task text-classification --label label --schedule x | --schedule: schedule.kind: expected one of constant
            --task text-classification --label label --freeze zzz | model.freeze: got zzz, which finds none of the names
            --task text-classification --label label --lora 0     | lora: got rank 0
            --task text-classification --label label --lora 2 --lora-target zz | lora target: got zz, allowed
            --task causal-lm --label label                        | --label: causal-lm has no such setting, allowed
            --task causal-lm                                      | distilbert: got task CAUSAL_LM, allowed
            """)
    void refusesInOneLine(String arguments, String message) {
        Run refused = finetune((arguments + " --out " + run).split(" +"));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err().lines().filter(line -> line.startsWith("jformers: "))).singleElement().asString()
                .contains(message);
        assertThat(run).doesNotExist();
    }

    /** The help of a task shows its flags in its own words, and no others. */
    @Test
    void explainsTheFlagsOfATask() {
        Run chat = Run.jformers("finetune", "--task", "chat", "--help");
        assertThat(chat.out()).contains("--messages=VALUE", "rows of a batch, >= 1; by default 8")
                .doesNotContain("--multi-label");
        assertThat(Run.jformers("finetune", "--help").out()).contains("--epochs=N", "--task NAME --help")
                .doesNotContain("--messages");
    }

    @Test
    void asksForWhatItNeeds() {
        assertThat(Run.jformers("finetune").err()).contains("expected MODEL and --task NAME, one of");
        assertThat(finetune("--task", "regression", "--resume", run.toString()).exitCode()).isEqualTo(2);
        assertThat(finetune("--task", "text-classification", "--label", "label", "--lora-alpha", "2").err())
                .contains("expected --lora RANK beside the other --lora- options");
    }

    @Test
    void refusesAnArtifactThatIsNotThere() {
        Run refused = Run.jformers("finetune", "mvn:org.example:no-such-model:1.0", "--task", "text-classification",
                "--train", rows.toString(), "--label", "label");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("mvn:org.example:no-such-model:1.0: Maven has no such artifact");
    }
}
