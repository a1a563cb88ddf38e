package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.audio.LogMelExtractor;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.SpeechGenerator;
import org.jformers.model.Model;
import org.jformers.pipeline.AutomaticSpeechRecognition.Options;
import org.jformers.pipeline.AutomaticSpeechRecognition.Times;
import org.jformers.tensor.Scopes;
import org.jformers.text.tokenizer.Tokenizer;

/** Recognition by Whisper: in windows of their own, or in passes of which each begins where the one before ended. */
final class WhisperRecognizer implements SpeechRecognizer {
    private static final int BEAMS = 5;
    private static final int TOKENS = 256;
    /** What max_length is where nobody says it. */
    private static final int LENGTH = 20;

    private final LogMelExtractor extractor;
    private final Tokenizer tokenizer;
    private final GenerationConfig config;
    private final SpeechGenerator generator;
    private final double step;

    WhisperRecognizer(Model model, LogMelExtractor extractor, Tokenizer tokenizer, GenerationConfig config) {
        this.extractor = extractor;
        this.tokenizer = tokenizer;
        this.config = config;
        generator = new SpeechGenerator(model);
        step = (double) extractor.seconds() / model.identity().spec().sourceRoom().orElseThrow();
    }

    /** What the folder says; else five beams and, without a length, 256 tokens, as in the reference's pipeline. */
    static GenerationConfig config(Path folder, Tokenizer tokenizer) {
        OptionalInt length = GenerationConfig.load(folder).maxLength();
        GenerationConfig.Builder otherwise = GenerationConfig.builder().numBeams(BEAMS);
        if (length.isEmpty() || length.getAsInt() == LENGTH) {
            otherwise.maxNewTokens(TOKENS);
        }
        GenerationConfig config = GenerationConfig.load(folder, otherwise.build());
        OptionalInt pad = tokenizer.specialTokens().pad();
        return config.padTokenId().isPresent() || pad.isEmpty()
                ? config
                : config.with().padTokenId(pad.getAsInt()).build();
    }

    @Override
    public Transcript transcribe(float[] samples, Options options) {
        if (options.times() == Times.CHARACTERS || options.times() == Times.WORDS) {
            throw new JformersException(AutomaticSpeechRecognition.NAME + ": got times of "
                    + options.times().name().toLowerCase(Locale.ROOT) + " for Whisper, allowed segments");
        }
        GenerationConfig settings = settings(options);
        boolean timed = Boolean.TRUE.equals(settings.other().get(SpeechGenerator.TIMES));
        WhisperTranscript transcript = new WhisperTranscript(tokenizer, step, timed);
        if (options.windows().isPresent()) {
            double rate = extractor.samplingRate();
            for (SoundWindows.Window window : options.windows().get().cut(samples, extractor.samplingRate(), 1)) {
                transcript.add(written(filled(window.samples()), settings, options), Optional.of(
                        new WhisperTranscript.Place(
                                window.samples().length / rate, window.left() / rate, window.right() / rate)));
            }
        } else {
            float[] features = samples.length > extractor.samples()
                    ? extractor.features(samples)
                    : filled(samples);
            transcript.add(written(features, settings, options), Optional.empty());
        }
        return result(transcript.chunks(), timed, options.languages());
    }

    private GenerationConfig settings(Options options) {
        GenerationConfig settings = options.generation().orElse(config);
        if (options.times() == Times.NONE) {
            return settings;
        }
        Map<String, Object> other = new LinkedHashMap<>(settings.other());
        other.put(SpeechGenerator.TIMES, true);
        return settings.with().other(other).build();
    }

    private float[] filled(float[] samples) {
        return extractor.features(extractor.filled(samples));
    }

    private int[] written(float[] features, GenerationConfig settings, Options options) {
        SpeechGenerator.Written written = Scopes.get(
                () -> generator.generate(extractor.inputs(features, 1), settings));
        IntStream language = options.languages() ? written.language().stream() : IntStream.empty();
        return IntStream.concat(language, IntStream.of(written.ids())).toArray();
    }

    private static Transcript result(List<TimedText> chunks, boolean timed, boolean languages) {
        String text = chunks.stream().map(TimedText::text).collect(Collectors.joining());
        if (!timed && !languages) {
            return new Transcript(text, List.of());
        }
        return new Transcript(text, chunks.stream().map(chunk -> new TimedText(
                chunk.text(),
                timed ? chunk.start() : OptionalDouble.empty(),
                timed ? chunk.end() : OptionalDouble.empty(),
                languages ? chunk.language() : Optional.empty())).toList());
    }
}
