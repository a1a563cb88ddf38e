package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * The passes over one recording, see {@link SpeechGenerator}.
 *
 * <p>Dimensions: M bands, F frames.
 */
final class SpeechPasses {
    private static final String TIMES = SpeechGenerator.TIMES;
    private static final String EARLIER = "condition_on_prev_tokens";
    private static final List<String> THRESHOLDS =
            List.of("logprob_threshold", "no_speech_threshold", "compression_ratio_threshold");
    private static final int FRAMES_PER_POSITION = 2;
    private static final int LENGTH = 20;

    private final Generator generator;
    private final Tensor features_1MF;
    private final long total;
    private final long window;
    private final GenerationConfig config;
    private final boolean times;
    private final int firstTime;
    private final int positions;
    private final long[] start;
    private final List<SpeechPass> passes = new ArrayList<>();
    private int length;

    SpeechPasses(Model model, Tensor features_1MF, GenerationConfig given) {
        generator = new Generator(model);
        this.features_1MF = features_1MF;
        total = features_1MF.size(2);
        window = (long) FRAMES_PER_POSITION * positions(model.identity().spec().sourceRoom());
        positions = positions(generator.positions());
        config = settings(given);
        times = Boolean.TRUE.equals(config.other().get(TIMES));
        OptionalInt noTimes = id("no_timestamps_token_id");
        if (times && noTimes.isEmpty()) {
            throw new ConfigException("generation: got " + TIMES + " true without no_timestamps_token_id, behind which"
                    + " the tokens of times are");
        }
        firstTime = noTimes.isPresent() ? noTimes.getAsInt() + 1 : Integer.MAX_VALUE;
        length = config.maxLength().orElse(LENGTH);
        int begin = config.decoderStartTokenId().orElseGet(() -> config.bosTokenId().orElseThrow(
                () -> new ConfigException("generation: got neither decoder_start_token_id nor bos_token_id")));
        start = SpeechStart.of(model, part(0), begin, config)[0];
    }

    private static int positions(OptionalInt room) {
        return room.orElseThrow(() -> new ConfigException(
                "generation: got a model without a number of positions, allowed Whisper"));
    }

    private GenerationConfig settings(GenerationConfig given) {
        for (String key : THRESHOLDS) {
            if (given.other().get(key) != null) {
                throw new ConfigException("generation: got " + key + " " + given.other().get(key)
                        + ", which repeats passes at random, allowed none");
            }
        }
        Map<String, Object> other = new LinkedHashMap<>(given.other());
        boolean several = total > window;
        if (several && Boolean.FALSE.equals(other.get(TIMES))) {
            throw new ConfigException("generation: got " + TIMES + " false for " + total + " frames, allowed true where"
                    + " there are more than " + window + ": a pass begins where the times of the one before it end");
        }
        other.put(TIMES, several || Boolean.TRUE.equals(other.get(TIMES)));
        return given.with().doSample(false).numReturnSequences(1).other(other).build();
    }

    private OptionalInt id(String key) {
        Object value = config.other().get(key);
        if (value != null && !(value instanceof Integer)) {
            throw new ConfigException("generation: got " + key + " " + value + ", allowed a token id");
        }
        return value instanceof Integer id ? OptionalInt.of(id) : OptionalInt.empty();
    }

    SpeechGenerator.Written written() {
        long seek = 0;
        while (seek < total) {
            long from = seek;
            SpeechPass pass = Scopes.get(() -> SpeechPass.of(
                    ids(part(from), prompt()), firstTime, Math.min(total - from, window)));
            passes.add(pass);
            seek += pass.frames();
        }
        int[] ids = stretches().flatMapToInt(IntStream::of).toArray();
        return new SpeechGenerator.Written(ids, language(ids));
    }

    private Stream<int[]> stretches() {
        return passes.stream().flatMap(pass -> pass.stretches().stream());
    }

    private OptionalInt language(int[] ids) {
        Map<?, ?> known = config.other().get("lang_to_id") instanceof Map<?, ?> map ? map : Map.of();
        return IntStream.concat(LongStream.of(start).mapToInt(id -> (int) id), IntStream.of(ids))
                .filter(id -> known.values().contains(id))
                .findFirst();
    }

    /** The frames from a place on that a pass reads, with zeros behind the last one. */
    private ModelInputs part(long from) {
        long frames = Math.min(total - from, window);
        Tensor part_1MF = features_1MF.narrow(2, from, frames);
        return ModelInputs.of(Map.of("input_features",
                frames < window ? torch.constant_pad_nd(part_1MF, 0, window - frames) : part_1MF));
    }

    /** What a target begins with, behind the end of what was written before if that is asked for. */
    private long[] prompt() {
        if (passes.isEmpty() || !Boolean.TRUE.equals(config.other().get(EARLIER))) {
            return start;
        }
        int[] earlier = stretches().map(this::withoutSecondTime).flatMapToInt(IntStream::of).toArray();
        int kept = Math.min(earlier.length, positions / 2 - 1);
        return LongStream.concat(
                LongStream.concat(
                        mark().stream().asLongStream(),
                        IntStream.of(earlier).skip(earlier.length - kept).asLongStream()),
                LongStream.of(start)).toArray();
    }

    private int[] withoutSecondTime(int[] ids) {
        boolean twice = ids.length > 2 && ids[ids.length - 2] >= firstTime;
        return twice ? Arrays.copyOf(ids, ids.length - 1) : ids;
    }

    /** The token before what was written earlier; older folders have it among those that must not come. */
    private OptionalInt mark() {
        OptionalInt said = id("prev_sot_token_id");
        int known = config.suppressTokens().size();
        return said.isPresent() || known < 2 ? said : OptionalInt.of(config.suppressTokens().get(known - 2));
    }

    private int[] ids(ModelInputs part, long[] prompt) {
        int end = config.eosTokenId().stream().findFirst().orElseGet(() -> config.bosTokenId().orElse(0));
        Controls controls = times
                ? Controls.NONE.withProcessor(
                        new TimeTokens(prompt.length, end, firstTime, id("max_initial_timestamp_index")))
                : Controls.NONE;
        ModelInputs inputs = part.with("decoder_input_ids", Tensors.ofLongs(new long[][] {prompt}));
        GenerationConfig limited = config.with().maxNewTokens(room(prompt.length)).build();
        return withoutEnd(generator.generate(inputs, limited, controls).get(0).get(0).ids());
    }

    /** How many tokens a pass may write. A limit of the whole length grows with each prompt, as in the reference. */
    private int room(int prompt) {
        if (config.maxNewTokens().isPresent()) {
            int tokens = config.maxNewTokens().getAsInt();
            if (tokens + prompt > positions) {
                throw new ShapeException("generation: got max_new_tokens " + tokens + " behind " + prompt
                        + " tokens, allowed " + positions + " together");
            }
            return tokens;
        }
        length = Math.min(length + Math.min(positions / 2 - 1, prompt), positions);
        if (length <= prompt) {
            throw new ShapeException("generation: got max_length " + length + " with " + prompt
                    + " tokens at the beginning, allowed more");
        }
        return length - prompt;
    }

    private int[] withoutEnd(int[] ids) {
        int kept = ids.length;
        int pad = config.padTokenId().orElse(-1);
        if (kept > 0 && ids[kept - 1] == pad) {
            long fillers = IntStream.of(ids).filter(id -> id == pad).count();
            kept -= (int) fillers - (config.eosTokenId().contains(pad) ? 1 : 0);
        }
        boolean ended = kept > 0 && config.eosTokenId().contains(ids[kept - 1]);
        return Arrays.copyOf(ids, ended ? kept - 1 : kept);
    }
}
