package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.audio.FeatureExtractor;
import org.jformers.audio.Sound;
import org.jformers.model.Model;
import org.jformers.nn.conv.FrameCount;
import org.jformers.pipeline.AutomaticSpeechRecognition.Options;
import org.jformers.pipeline.AutomaticSpeechRecognition.Times;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.CtcTranscript;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Recognition by connectionist temporal classification: the likeliest token of each frame, of windows without their
 * strides one behind the other.
 */
final class CtcRecognizer implements SpeechRecognizer {
    /** Most samples that a model reads at once, as a rule: a minute. */
    private static final int BATCH_SAMPLES = 960_000;

    private final Model model;
    private final FeatureExtractor extractor;
    private final Tokenizer tokenizer;
    private final FrameCount frames;

    CtcRecognizer(Model model, FeatureExtractor extractor, Tokenizer tokenizer, FrameCount frames) {
        this.model = model;
        this.extractor = extractor;
        this.tokenizer = tokenizer;
        this.frames = frames;
    }

    @Override
    public Transcript transcribe(float[] samples, Options options) {
        if (options.times() == Times.SEGMENTS || options.languages() || options.generation().isPresent()) {
            throw new JformersException(AutomaticSpeechRecognition.NAME + ": got times of segments, a language or"
                    + " settings of generation for a model of frames, allowed times of characters and words");
        }
        List<SoundWindows.Window> windows = options.windows()
                .map(how -> how.cut(samples, extractor.samplingRate(), frames.stride()))
                .orElseGet(() -> List.of(new SoundWindows.Window(samples, 0, 0)));
        int[] heard = read(windows).stream().flatMapToInt(IntStream::of).toArray();
        CtcTranscript transcript = tokenizer.transcript(heard);
        return new Transcript(transcript.text(), switch (options.times()) {
            case CHARACTERS -> timed(transcript.characters());
            case WORDS -> timed(transcript.words());
            default -> List.of();
        });
    }

    private List<TimedText> timed(List<CtcTranscript.Stretch> stretches) {
        return stretches.stream().map(stretch -> new TimedText(
                stretch.text(), seconds(stretch.start()), seconds(stretch.end()), Optional.empty())).toList();
    }

    private OptionalDouble seconds(int frame) {
        return OptionalDouble.of((double) frame * frames.stride() / extractor.samplingRate());
    }

    /** The tokens of each window; windows of one length are read together. */
    private List<int[]> read(List<SoundWindows.Window> windows) {
        List<int[]> tokens = new ArrayList<>();
        for (int begin = 0, end; begin < windows.size(); begin = end) {
            int length = windows.get(begin).samples().length;
            int most = Math.max(1, BATCH_SAMPLES / length);
            end = begin + 1;
            while (end < windows.size() && end - begin < most && windows.get(end).samples().length == length) {
                end++;
            }
            tokens.addAll(readAlike(windows.subList(begin, end)));
        }
        return tokens;
    }

    private List<int[]> readAlike(List<SoundWindows.Window> windows) {
        int length = windows.get(0).samples().length;
        if (frames.frames(length) < 1) {
            throw new JformersException(AutomaticSpeechRecognition.NAME + ": got a sound or window of " + length
                    + " samples, which are too few for a frame, allowed more");
        }
        List<Sound> sounds = windows.stream()
                .map(window -> new Sound(window.samples(), extractor.samplingRate()))
                .toList();
        float[] logits = Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                return Tensors.toFloats(model.forward(extractor.inputs(sounds)).logits());
            }
        });
        int count = Math.toIntExact(frames.frames(length));
        int vocabulary = logits.length / windows.size() / count;
        List<int[]> tokens = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            int first = i * count;
            int[] best = IntStream.range(first, first + count).map(frame -> best(logits, frame, vocabulary)).toArray();
            tokens.add(used(best, windows.get(i)));
        }
        return tokens;
    }

    private static int best(float[] logits, int frame, int vocabulary) {
        int best = 0;
        for (int i = 1; i < vocabulary; i++) {
            if (logits[frame * vocabulary + i] > logits[frame * vocabulary + best]) {
                best = i;
            }
        }
        return best;
    }

    /** The tokens of a window without those of its strides. */
    private int[] used(int[] tokens, SoundWindows.Window window) {
        if (window.left() == 0 && window.right() == 0) {
            return tokens;
        }
        double samples = window.samples().length;
        double all = Math.rint(samples * (1.0 / frames.stride()));
        int left = (int) Math.rint(window.left() / samples * all);
        int end = (int) all - (int) Math.rint(window.right() / samples * all);
        return Arrays.copyOfRange(tokens, Math.min(left, tokens.length), Math.min(Math.max(left, end), tokens.length));
    }
}
