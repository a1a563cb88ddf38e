package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jformers.audio.WavFile;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.AutomaticSpeechRecognition;
import org.jformers.pipeline.TimedText;
import org.jformers.pipeline.Transcript;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run automatic-speech-recognition}: what is said in recordings. */
@Command(
        name = "automatic-speech-recognition",
        description = "Write down what is said in WAV files, one line per file, or per part with times; the texts are"
                + " paths of files.",
        footer = "%nOptions of a call as JSON: chunk_length_s, stride_length_s (a number or two), return_timestamps"
                + " (char or word of models of frames, true of Whisper), return_language; of Whisper, also within"
                + " generate_kwargs: language, task, condition_on_prev_tokens, and the settings of text-generation but"
                + " those that draw; inputs is the path of a file.")
final class AutomaticSpeechRecognitionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--chunk-length-s", paramLabel = "SECONDS",
            description = "Read long recordings in windows of this length.")
    private Double chunkLength;

    @Option(names = "--stride-length-s", paramLabel = "SECONDS", split = ",",
            description = "How far windows overlap at each end, or left and right; by default a sixth of a window.")
    private double[] strideLength;

    @Option(names = "--return-timestamps", paramLabel = "KIND",
            description = "Show times: of each char or word from models of frames, true from Whisper.")
    private String timestamps;

    @Option(names = "--return-language", description = "Show the language that Whisper hears.")
    private boolean languages;

    @Option(names = "--language", paramLabel = "NAME",
            description = "The language that is spoken, for Whisper; by default it hears which.")
    private String language;

    @Option(names = "--task", paramLabel = "NAME",
            description = "What Whisper does: transcribe, or translate into English.")
    private String task;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (chunkLength != null) {
            flags.put(SpeechOptions.WINDOW, chunkLength);
        }
        if (strideLength != null) {
            Arrays.stream(strideLength).forEach(flags.putArray(SpeechOptions.STRIDE)::add);
        }
        if (timestamps != null && timestamps.equals("true")) {
            flags.put(SpeechOptions.TIMES, true);
        } else if (timestamps != null) {
            flags.put(SpeechOptions.TIMES, timestamps);
        }
        if (languages) {
            flags.put(SpeechOptions.LANGUAGES, true);
        }
        if (language != null) {
            flags.put(SpeechOptions.LANGUAGE, language);
        }
        if (task != null) {
            flags.put(SpeechOptions.TASK, task);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(Path file, AutomaticSpeechRecognition.Options options) {}

    private record Run(AutomaticSpeechRecognition pipeline) implements RunTask<Call, Transcript> {
        Run(Path folder, LoadRequest request) {
            this(AutomaticSpeechRecognition.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            return new Call(fields.inputFile(), SpeechOptions.read(fields, pipeline.config()));
        }

        @Override
        public Object options(Call call) {
            return call;
        }

        @Override
        public List<Transcript> answer(List<Call> calls) {
            return calls.stream()
                    .map(call -> pipeline.transcribe(WavFile.read(call.file()), call.options()))
                    .toList();
        }

        @Override
        public Object json(Call call, Transcript transcript) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("text", transcript.text());
            if (showsChunks(call)) {
                json.put("chunks", transcript.chunks().stream().map(chunk -> json(call, chunk)).toList());
            }
            return json;
        }

        private Map<String, Object> json(Call call, TimedText chunk) {
            Map<String, Object> json = new LinkedHashMap<>();
            if (call.options().languages()) {
                json.put("language", chunk.language().orElse(null));
            }
            if (pipeline.showsTimes(call.options())) {
                List<Double> times = new ArrayList<>();
                times.add(orNull(chunk.start()));
                times.add(orNull(chunk.end()));
                json.put("timestamp", times);
            }
            json.put("text", chunk.text());
            return json;
        }

        private boolean showsChunks(Call call) {
            return call.options().languages() || pipeline.showsTimes(call.options());
        }

        private static Double orNull(OptionalDouble time) {
            return time.isPresent() ? time.getAsDouble() : null;
        }

        @Override
        public List<String> lines(Call call, Transcript transcript) {
            if (!showsChunks(call)) {
                return List.of(transcript.text().strip());
            }
            boolean timed = transcript.chunks().stream()
                    .anyMatch(chunk -> chunk.start().isPresent() || chunk.end().isPresent());
            return transcript.chunks().stream().map(chunk -> line(chunk, timed)).toList();
        }

        /** @param timed whether times have columns, which stay empty where nobody knows them */
        private static String line(TimedText chunk, boolean timed) {
            List<String> parts = new ArrayList<>();
            if (timed) {
                parts.add(column(chunk.start()));
                parts.add(column(chunk.end()));
            }
            chunk.language().ifPresent(parts::add);
            parts.add(chunk.text().strip());
            return String.join("\t", parts);
        }

        private static String column(OptionalDouble time) {
            return time.isPresent() ? String.format(Locale.ROOT, "%.2f", time.getAsDouble()) : "";
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
