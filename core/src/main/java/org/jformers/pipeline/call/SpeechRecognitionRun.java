package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jformers.audio.WavFile;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.AutomaticSpeechRecognition;
import org.jformers.pipeline.TimedText;
import org.jformers.pipeline.Transcript;
import org.jspecify.annotations.Nullable;

/** What is said in recordings. */
record SpeechRecognitionRun(AutomaticSpeechRecognition pipeline)
        implements CalledTask<SpeechRecognitionRun.Call, Transcript> {
    record Call(Path file, AutomaticSpeechRecognition.Options options) implements CalledTask.Call {}

    SpeechRecognitionRun(Path folder, LoadRequest request) {
        this(AutomaticSpeechRecognition.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        return new Call(fields.inputFile(), SpeechOptions.read(fields, pipeline.config()));
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

    private static @Nullable Double orNull(OptionalDouble time) {
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
}
