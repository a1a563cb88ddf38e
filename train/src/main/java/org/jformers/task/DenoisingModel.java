package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.Noise;
import org.jformers.data.NoisedTexts;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/**
 * An encoder-decoder to be trained on spoiled texts, and what its texts are made of: the folder's that the run starts
 * from, or a new one with a vocabulary from the data.
 *
 * @param base the folder's model; empty for a new one
 * @param frame what stands around a text
 * @param room tokens of a row at most
 */
record DenoisingModel(
        RunStart start, Optional<TextModel> base, Tokenizer tokenizer, NoisedTexts.Frame frame, int room) {
    private static final int SENTINELS = 100;
    private static final int LONGEST = 512;
    private static final String MASK = "<mask>";

    /** What every new vocabulary begins with; sentinels as T5 names them. */
    static final List<String> SPECIAL_TOKENS = Stream.concat(
            Stream.of("<pad>", "<s>", "</s>", "<unk>", MASK),
            IntStream.range(0, SENTINELS).mapToObj(DenoisingModel::sentinel)).toList();

    private static String sentinel(int number) {
        return "<extra_id_" + number + ">";
    }

    /** The folder's. */
    static DenoisingModel of(RunStart start, int maxLength) {
        TextModel base = TextModel.of(start, Task.SEQ2SEQ_LM);
        GenerationConfig said = GenerationConfig.load(start.folder().orElseThrow());
        Tokenizer tokenizer = base.tokenizer();
        if (tokenizer.language().isPresent()) {
            throw new ExperimentException("model.from: got " + start.experiment().model().from()
                    + ", whose texts are marked with their language, allowed models of one language");
        }
        JsonNode config = ConfigJson.of(base.config());
        int end = first("a token that ends a text", tokenizer.specialTokens().eos(), key(config, "eos_token_id"));
        int pad = first("a padding token", tokenizer.specialTokens().pad(), key(config, "pad_token_id"));
        int decoderStart = first("a token that the decoder starts with", said.decoderStartTokenId(),
                key(config, "decoder_start_token_id"), said.bosTokenId());
        return of(start, Optional.of(base), tokenizer, end, pad, decoderStart,
                AutoModel.spec(base.config(), Task.SEQ2SEQ_LM), maxLength);
    }

    /** A new one of such texts. */
    static DenoisingModel create(RunStart start, int vocabSize, int maxLength, List<String> texts) {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(vocabSize)
                .specialTokens(SPECIAL_TOKENS.toArray(String[]::new))
                .surroundWith("<s>", "</s>")
                .build()
                .train(texts);
        ModelSpec spec = AutoModel.spec(
                AutoConfig.parse(config(start, tokenizer), "experiment " + start.experiment().name()),
                Task.SEQ2SEQ_LM);
        return of(start, Optional.empty(), tokenizer, id(tokenizer, "</s>"), id(tokenizer, "<pad>"),
                id(tokenizer, "<s>"), spec, maxLength);
    }

    private static DenoisingModel of(RunStart start, Optional<TextModel> base, Tokenizer tokenizer, int end, int pad,
            int decoderStart, ModelSpec spec, int maxLength) {
        NoisedTexts.Frame frame = frame(tokenizer, end, pad, decoderStart);
        int around = Math.max(frame.before().size() + frame.after().size(), 1);
        int limit = Math.min(spec.sourceRoom().orElse(Integer.MAX_VALUE), spec.room().orElse(Integer.MAX_VALUE))
                - around;
        if (maxLength > limit) {
            throw new ExperimentException("task.max_length: got " + maxLength + ", allowed up to " + limit
                    + ", which the model can read besides " + around + " special tokens");
        }
        return new DenoisingModel(start, base, tokenizer, frame, maxLength == 0 ? Math.min(LONGEST, limit) : maxLength);
    }

    private static NoisedTexts.Frame frame(Tokenizer tokenizer, int end, int pad, int decoderStart) {
        Encoding text = tokenizer.encode("a");
        int[] added = text.specialTokensMask();
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        boolean passed = false;
        for (int i = 0; i < added.length; i++) {
            passed |= added[i] == 0;
            if (added[i] == 1) {
                (passed ? after : before).add(text.ids()[i]);
            }
        }
        return new NoisedTexts.Frame(before, after, end, pad, decoderStart);
    }

    private static OptionalInt key(JsonNode config, String name) {
        return config.path(name).isInt() ? OptionalInt.of(config.path(name).intValue()) : OptionalInt.empty();
    }

    private static int first(String what, OptionalInt... candidates) {
        return Stream.of(candidates).filter(OptionalInt::isPresent).mapToInt(OptionalInt::getAsInt).findFirst()
                .orElseThrow(() -> new ExperimentException("model.from: got a model without " + what
                        + ", allowed models with one"));
    }

    private static int id(Tokenizer tokenizer, String token) {
        return tokenizer.id(token).orElseThrow();
    }

    private static ObjectNode config(RunStart start, Tokenizer tokenizer) {
        return VocabularyKeys.sequenceToSequence(start.experiment().model().config(), tokenizer.vocabSize(),
                id(tokenizer, "<pad>"), id(tokenizer, "<s>"), id(tokenizer, "</s>"));
    }

    /**
     * The noise that a task asks for.
     *
     * @throws ExperimentException if the tokenizer has no tokens for it
     */
    Noise noise(Denoising task) {
        return switch (task.noise()) {
            case SPANS -> new Noise.Spans(task.share(), task.meanSpan(), sentinels());
            case PREFIX -> new Noise.Prefix();
            case MASKING -> new Noise.Masking(task.share(), mask());
            case DELETION -> new Noise.Deletion(task.share());
            case INFILLING -> new Noise.Infilling(task.share(), task.meanSpan(), mask());
            case PERMUTATION -> new Noise.Permutation(ends());
            case ROTATION -> new Noise.Rotation();
            case BART -> new Noise.All(List.of(new Noise.Permutation(ends()),
                    new Noise.Infilling(task.share(), task.meanSpan(), mask())));
        };
    }

    private List<Integer> sentinels() {
        List<Integer> sentinels = new ArrayList<>();
        for (OptionalInt id = tokenizer.id(sentinel(0)); id.isPresent();
                id = tokenizer.id(sentinel(sentinels.size()))) {
            sentinels.add(id.getAsInt());
        }
        if (sentinels.size() < 2) {
            throw new ExperimentException("task.noise: got spans for a tokenizer without " + sentinel(0) + " and "
                    + sentinel(1) + ", allowed infilling, or a tokenizer with such sentinels");
        }
        return sentinels;
    }

    private int mask() {
        OptionalInt mask = tokenizer.specialTokens().mask();
        return (mask.isPresent() ? mask : tokenizer.id(MASK)).orElseThrow(() -> new ExperimentException(
                "task.noise: got one that hides tokens for a tokenizer without a mask token, allowed spans, deletion,"
                        + " permutation, rotation, prefix"));
    }

    /** Tokens with which a sentence ends. */
    private Set<Integer> ends() {
        return IntStream.range(0, tokenizer.vocabSize())
                .filter(id -> tokenizer.token(id).matches(".*[.!?]"))
                .boxed()
                .collect(Collectors.toSet());
    }

    Model model() {
        return base.isPresent()
                ? start.load(LoadRequest.of(Task.SEQ2SEQ_LM))
                : start.create(config(start, tokenizer), Task.SEQ2SEQ_LM);
    }

    /** The files beside the weights. */
    void complete(Path modelFolder) {
        if (base.isPresent()) {
            base.get().complete(modelFolder);
            return;
        }
        tokenizer.save(modelFolder);
        GenerationConfig.builder().maxNewTokens(room).decoderStartTokenId(frame.decoderStart())
                .bosTokenId(frame.decoderStart()).eosTokenId(frame.end()).padTokenId(frame.pad())
                .build().save(modelFolder);
    }
}
