package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.AutomaticSpeechRecognition;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tones are letters. */
final class SpeechRecognitionTest {
    private static final int RATE = 1000;

    @TempDir
    private Path folder;
    private Path run;
    private FineTuning tuning;
    private final List<String> rows = new ArrayList<>(List.of("file,said"));
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void makeTheStart() throws IOException {
        run = folder.resolve("run");
        Path start = Files.createDirectory(folder.resolve("start"));
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "wav2vec2", "vocab_size": 8, "hidden_size": 32, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 64, "conv_dim": [32, 32], "conv_stride": [5, 4],
                 "conv_kernel": [10, 8], "num_feat_extract_layers": 2, "pad_token_id": 0, "feat_extract_norm": "layer",
                 "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2, "hidden_dropout": 0.0,
                 "attention_dropout": 0.0, "activation_dropout": 0.0, "feat_proj_dropout": 0.0, "final_dropout": 0.0,
                 "layerdrop": 0.1, "mask_time_prob": 0.05, "mask_time_length": 2, "mask_time_min_masks": 0,
                 "ctc_loss_reduction": "mean"}"""), "test"), Task.CTC, 3)) {
            model.save(start);
        }
        Files.writeString(start.resolve("vocab.json"),
                "{\"<pad>\": 0, \"<s>\": 1, \"</s>\": 2, \"<unk>\": 3, \"|\": 4, \"a\": 5, \"b\": 6, \"c\": 7}");
        Files.writeString(start.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"Wav2Vec2CTCTokenizer\"}");
        Files.writeString(start.resolve("preprocessor_config.json"), """
                {"feature_extractor_type": "Wav2Vec2FeatureExtractor", "feature_size": 1, "sampling_rate": 1000,
                 "padding_value": 0.0, "do_normalize": true, "return_attention_mask": true}""");
        Random random = new Random(1);
        for (int i = 0; i < 120; i++) {
            StringBuilder text = new StringBuilder();
            for (int letter = 0; letter < 2 + random.nextInt(3); letter++) {
                text.append("abc".charAt(random.nextInt(3)));
            }
            // Every third is recorded at another rate.
            sing(folder.resolve(i + ".wav"), text.toString(), i % 3 == 0 ? 2 * RATE : RATE);
            rows.add(i + ".wav," + text);
        }
        tuning = TinyWriter.quick(FineTuning.of(start.toString()).task(new SpeechRecognition.Type())
                .set("task.data.sound", "file").set("task.data.text", "said")).epochs(30).learningRate(3e-3);
    }

    private FineTuning written() {
        return tuning.set("task.data.train", TinyStart.write(folder.resolve("rows.csv"), rows).toString());
    }

    /** A tone of a tenth of a second for each letter, and a little silence behind it. */
    private static void sing(Path file, String text, int rate) throws IOException {
        int each = rate * 3 / 20;
        byte[] bytes = new byte[2 * each * text.length()];
        for (int i = 0; i < each * text.length(); i++) {
            double hertz = 60 + 80 * (text.charAt(i / each) - 'a');
            double loud = i % each < rate / 10 ? 12_000 : 0;
            int value = (int) (loud * Math.sin(2 * Math.PI * hertz * i / rate));
            bytes[2 * i] = (byte) value;
            bytes[2 * i + 1] = (byte) (value >> 8);
        }
        AudioFormat format = new AudioFormat(rate, 16, 1, true, false);
        try (AudioInputStream stream =
                new AudioInputStream(new ByteArrayInputStream(bytes), format, bytes.length / 2)) {
            AudioSystem.write(stream, AudioFileFormat.Type.WAVE, file.toFile());
        }
    }

    private static List<Map<String, Double>> logged(Path run, String split) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(split)).map(MetricRow::values).toList();
    }

    @Test
    void learnsToWriteDownTones() {
        rows.add("0.wav,abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc");
        rows.add("1.wav,ax");
        rows.add("2.wav,");
        String headline = written().run(run, Consoles.saying(said)).headline();
        assertThat(headline).matches("word error rate [0-9.]+ %, character error rate [0-9.]+ %, of \\d+ validation"
                + " recordings");
        List<Map<String, Double>> measured = logged(run, MetricRow.EVAL);
        Map<String, Double> last = measured.get(measured.size() - 1);
        assertThat(last).containsKeys("loss", "wer", "cer");
        assertThat(last.get("loss")).isLessThan(0.5 * measured.get(0).get("loss"));
        assertThat(last.get("cer")).isLessThan(0.4);
        assertThat(said).contains("left out of the training rows: 1 without said")
                .anyMatch(line -> line.matches("left out of the \\w+ rows: 1 whose recording has fewer frames than its"
                        + " text needs"))
                .anyMatch(line -> line.matches("warning: 1 of the \\w+ texts have characters that the vocabulary"
                        + " lacks"));
        assertThat(TinyWriter.read(run.resolve("report.html"))).contains("word error rate", ".wav");
        try (var model = AutomaticSpeechRecognition.load(run.resolve("model"))) {
            assertThat(model.transcribe(folder.resolve("4.wav")).text()).matches("[abc]+");
        }
    }

    /** Padding, dropped layers and masked spans included. */
    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning same = written().epochs(1).set("records.checkpoint_every", "2").set("records.log_every", "1")
                .set("training.accumulation", "2");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    @Test
    void refusesWhatIsNoSound() throws IOException {
        rows.add("lost.wav,abc");
        assertThatThrownBy(() -> written().run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("rows.csv: row 121").hasMessageContaining("lost.wav")
                .message().doesNotContain("\n");
        Files.writeString(folder.resolve("lost.wav"), "no sound");
        assertThatThrownBy(() -> written().run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("rows.csv: row 121").hasMessageContaining("lost.wav");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.batch=0              | task.batch: got 0, allowed >= 1
            task.evaluation.samples=-1 | task.evaluation.samples: got -1, allowed >= 0
            task.data.sound=path      | path
            model.from=null           | model.from: got null, allowed a model to start from, for speech-recognition
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = written().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }
}
