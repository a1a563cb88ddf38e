package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jformers.JformersException;
import org.jformers.audio.FeatureExtractor;
import org.jformers.audio.LogMelExtractor;
import org.jformers.audio.Sound;
import org.jformers.audio.WavFile;
import org.jformers.checkpoint.LoadReport;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.SpeechGenerator;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.head.CtcHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Writes down what is said in a recording, with a model of frames (wav2vec 2.0) or Whisper. Owns its model. May serve
 * several threads.
 *
 * <p>Reference: transformers 5.18, {@code pipelines/automatic_speech_recognition.py}. Sounds of another rate than the
 * model's are resampled.
 */
public final class AutomaticSpeechRecognition implements Pipeline {
    static final String NAME = "speech recognition";

    private static final List<Task> TASKS = List.of(Task.CTC, Task.SEQ2SEQ_LM);

    private final Model model;
    private final FeatureExtractor extractor;
    private final SpeechRecognizer recognizer;
    private final GenerationConfig config;

    /** Which parts of the text have times. */
    public enum Times {
        /** None. */
        NONE,
        /** Each token of a model of frames. */
        CHARACTERS,
        /** Each word of a model of frames. */
        WORDS,
        /** Each stretch that Whisper puts between times. */
        SEGMENTS
    }

    /**
     * How a recording is read.
     *
     * @param windows for long ones; empty to read it as a whole, or as Whisper reads long ones: each pass begins where
     *     the one before it ended
     * @param times which parts of the text get times
     * @param languages whether Whisper says the language of each part
     * @param generation how Whisper writes; empty for {@link #config}
     */
    public record Options(
            Optional<SoundWindows> windows, Times times, boolean languages, Optional<GenerationConfig> generation) {
        /** As a whole, text alone. */
        public static final Options DEFAULT =
                new Options(Optional.empty(), Times.NONE, false, Optional.empty());

        public Options inWindows(SoundWindows how) {
            return new Options(Optional.of(how), times, languages, generation);
        }

        public Options with(Times which) {
            return new Options(windows, which, languages, generation);
        }

        public Options withLanguages() {
            return new Options(windows, times, true, generation);
        }

        public Options with(GenerationConfig how) {
            return new Options(windows, times, languages, Optional.of(how));
        }
    }

    /**
     * Takes a model over; it is closed with this object.
     *
     * @param config how Whisper writes where a call does not say it; other models do not read it
     */
    public AutomaticSpeechRecognition(
            Model model, FeatureExtractor extractor, Tokenizer tokenizer, GenerationConfig config) {
        this.model = model;
        this.extractor = extractor;
        this.config = config;
        recognizer = recognizer(model, extractor, tokenizer, config);
    }

    private static SpeechRecognizer recognizer(
            Model model, FeatureExtractor extractor, Tokenizer tokenizer, GenerationConfig config) {
        if (model.identity().spec() instanceof SingleStackModel.Spec spec && spec.head() instanceof CtcHead.Spec head) {
            return new CtcRecognizer(model, extractor, tokenizer, head.frames());
        }
        if (extractor instanceof LogMelExtractor whisper && model.identity().task() == Task.SEQ2SEQ_LM) {
            return new WhisperRecognizer(model, whisper, tokenizer, config);
        }
        throw new ConfigException(NAME + ": got " + model.identity().architecture()
                + ", allowed models with a head of frames (CTC), and Whisper");
    }

    /** Loads a model folder, or the model of an id, with its tokenizer and feature extractor. */
    public static AutomaticSpeechRecognition load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer and feature extractor. */
    public static AutomaticSpeechRecognition load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static AutomaticSpeechRecognition load(Path folder, LoadRequest request) {
        return FolderModel.of(folder, request.withTasks(TASKS), model -> {
            Tokenizer tokenizer = AutoTokenizer.load(folder);
            return new AutomaticSpeechRecognition(
                    model, FeatureExtractor.load(folder), tokenizer, WhisperRecognizer.config(folder, tokenizer));
        });
    }

    /**
     * What is said in a WAV file.
     *
     * @throws JformersException if it is none that can be read, or has no samples
     */
    public Transcript transcribe(Path file) {
        return transcribe(WavFile.read(file), Options.DEFAULT);
    }

    /**
     * What is said in a sound.
     *
     * @throws JformersException if it has no samples, or too few for the model
     */
    public Transcript transcribe(Sound sound, Options options) {
        float[] samples = sound.at(extractor.samplingRate()).samples();
        if (samples.length == 0) {
            throw new JformersException(NAME + ": got a sound without samples, allowed at least one");
        }
        return recognizer.transcribe(samples, options);
    }

    /** Whether parts of the text have times: where they are asked for, or the settings of Whisper say so. */
    public boolean showsTimes(Options options) {
        GenerationConfig settings = options.generation().orElse(config);
        return options.times() != Times.NONE || Boolean.TRUE.equals(settings.other().get(SpeechGenerator.TIMES));
    }

    /** How Whisper writes unless a call says otherwise: what the folder says, else five beams and 256 tokens. */
    public GenerationConfig config() {
        return config;
    }

    @Override
    public LoadReport report() {
        return model.report();
    }

    @Override
    public void close() {
        model.close();
    }
}
