package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.Translation;
import org.jformers.task.SequenceToSequence.Vocabulary;
import org.jformers.task.SequenceToSequence.Vocabulary.Kind;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.text.training.WordLevelTrainer;

/** A new model over one vocabulary, made from the data. */
final class NewPairs implements PairTokens {
    /** What every vocabulary begins with. */
    static final List<String> SPECIAL_TOKENS = List.of("<pad>", "<s>", "</s>", "<unk>");

    private final SequenceToSequence task;
    private final RunStart run;
    private final Tokenizer source;
    private final Tokenizer target;
    private final ModelSpec spec;

    NewPairs(SequenceToSequence task, Vocabulary settings, RunStart run, List<String> sources, List<String> targets) {
        this.task = task;
        this.run = run;
        if (settings.source() == Kind.BYTE_BPE && settings.target() == Kind.BYTE_BPE) {
            List<String> texts = new ArrayList<>(sources);
            texts.addAll(targets);
            source = joint(settings.vocabSize(), texts);
            target = source;
        } else {
            Set<String> vocabulary = symbols(targets, settings.target());
            vocabulary.addAll(symbols(sources, settings.source()));
            source = wordLevel(settings.source()).of(vocabulary);
            target = wordLevel(settings.target()).of(vocabulary);
        }
        spec = AutoModel.spec(
                AutoConfig.parse(config(), "experiment " + run.experiment().name()), Task.SEQ2SEQ_LM);
    }

    private static Tokenizer joint(int vocabSize, List<String> texts) {
        return ByteLevelBpeTrainer.builder()
                .vocabSize(vocabSize)
                .specialTokens(SPECIAL_TOKENS.toArray(String[]::new))
                .surroundWith("<s>", "</s>")
                .build()
                .train(texts);
    }

    private static WordLevelTrainer wordLevel(Kind kind) {
        return switch (kind) {
            case CHARACTERS -> WordLevelTrainer.characters().build();
            case SYMBOLS -> WordLevelTrainer.symbols().build();
            case BYTE_BPE -> throw new ExperimentException(
                    "tokenizer: got byte_bpe on one side only, allowed on both sides, which share their vocabulary");
        };
    }

    /** The symbols of a column, the most frequent first. */
    private static Set<String> symbols(List<String> texts, Kind kind) {
        Tokenizer counted = wordLevel(kind).train(texts);
        Set<String> symbols = new LinkedHashSet<>();
        for (int id = SPECIAL_TOKENS.size(); id < counted.vocabSize(); id++) {
            symbols.add(counted.token(id));
        }
        return symbols;
    }

    private ObjectNode config() {
        return VocabularyKeys.sequenceToSequence(
                run.experiment().model().config(), source.vocabSize(), pad(), start(), end());
    }

    private int id(String token) {
        return source.id(token).orElseThrow();
    }

    @Override
    public Tokenizer source() {
        return source;
    }

    @Override
    public Tokenizer target() {
        return target;
    }

    @Override
    public String prefix() {
        return task.data().prefix() == null ? "" : task.data().prefix();
    }

    @Override
    public int pad() {
        return id("<pad>");
    }

    @Override
    public int start() {
        return id("<s>");
    }

    @Override
    public int end() {
        return id("</s>");
    }

    @Override
    public OptionalInt sourceRoom() {
        return spec.sourceRoom();
    }

    @Override
    public OptionalInt targetRoom() {
        return spec.room();
    }

    @Override
    public Model model() {
        return run.create(config(), Task.SEQ2SEQ_LM);
    }

    @Override
    public GenerationConfig generation() {
        return GenerationConfig.builder()
                .maxNewTokens(task.batches().maxTargetLength())
                .numBeams(task.evaluation().beams())
                .lengthPenalty(task.evaluation().lengthPenalty())
                .padTokenId(pad())
                .bosTokenId(start())
                .decoderStartTokenId(start())
                .eosTokenId(end())
                .build();
    }

    @Override
    public void complete(Path modelFolder) {
        source.save(modelFolder);
        if (target != source) {
            target.save(modelFolder.resolve(Translation.TARGET_FOLDER));
        }
        generation().save(modelFolder);
    }
}
