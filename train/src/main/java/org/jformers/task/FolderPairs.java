package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Translation;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/** The model of a folder, with its tokenizer, or one for each side, and its special tokens. */
final class FolderPairs implements PairTokens {
    private final SequenceToSequence task;
    private final TextModel base;
    private final Tokenizer source;
    private final Tokenizer target;
    private final ModelSpec spec;
    private final GenerationConfig said;
    private final int pad;
    private final int end;
    private final int start;

    FolderPairs(SequenceToSequence task, RunStart run) {
        this.task = task;
        base = TextModel.of(run, Task.SEQ2SEQ_LM);
        Path folder = run.folder().orElseThrow();
        spec = AutoModel.spec(base.config(), Task.SEQ2SEQ_LM);
        said = GenerationConfig.load(folder);
        SequenceToSequence.Data data = task.data();
        source = spoken(base.tokenizer(), "source", data.sourceLanguage());
        Path own = folder.resolve(Translation.TARGET_FOLDER);
        Tokenizer other = Files.isDirectory(own) ? AutoTokenizer.load(own) : AutoTokenizer.loadTarget(folder);
        target = spoken(other, "target", data.targetLanguage());
        SpecialTokens special = source.specialTokens();
        pad = first("a padding token", special.pad(), said.padTokenId(), key("pad_token_id"));
        end = first("a token that ends a target", special.eos(),
                said.eosTokenId().stream().mapToInt(id -> id).findFirst(), key("eos_token_id"));
        start = rotates() ? lastOfTarget() : first("a token that the decoder starts with",
                said.decoderStartTokenId(), key("decoder_start_token_id"), said.bosTokenId());
        checkRoom("source", task.batches().maxSourceLength(), spec.sourceRoom());
        checkRoom("target", task.batches().maxTargetLength(), spec.room());
    }

    /** A tokenizer for a language, where it marks texts with one. */
    private static Tokenizer spoken(Tokenizer tokenizer, String side, @Nullable String code) {
        String setting = "task.data." + side + "_language";
        if (code == null && tokenizer.language().isPresent()) {
            throw new ExperimentException(setting + ": got null for a tokenizer that marks texts with their language,"
                    + " allowed codes such as " + tokenizer.language().get());
        }
        if (code != null && tokenizer.language().isEmpty()) {
            throw new ExperimentException(setting + ": got " + code
                    + " for a tokenizer that marks texts with no language, allowed null");
        }
        return code == null ? tokenizer : tokenizer.withLanguage(code);
    }

    private OptionalInt key(String name) {
        JsonNode value = ConfigJson.of(base.config()).path(name);
        return value.isInt() ? OptionalInt.of(value.intValue()) : OptionalInt.empty();
    }

    private static int first(String what, OptionalInt... candidates) {
        return Stream.of(candidates).filter(OptionalInt::isPresent).mapToInt(OptionalInt::getAsInt).findFirst()
                .orElseThrow(() -> new ExperimentException("model.from: got a model without " + what
                        + ", allowed models with one"));
    }

    /** Whether the decoder starts with the token that ends its target, as mBART's does: the code of the language. */
    private boolean rotates() {
        return target.language().isPresent()
                && ConfigJson.of(base.config()).path("model_type").asText().equals("mbart");
    }

    private int lastOfTarget() {
        int[] ids = target.encode("").ids();
        return ids[ids.length - 1];
    }

    private static void checkRoom(String side, int length, OptionalInt room) {
        if (room.isPresent() && length > room.getAsInt()) {
            throw new ExperimentException("task.batches.max_" + side + "_length: got " + length + ", allowed up to "
                    + room.getAsInt() + ", which the model can read");
        }
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
        return pad;
    }

    @Override
    public int start() {
        return start;
    }

    @Override
    public int end() {
        return end;
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
        return base.start().load(LoadRequest.of(Task.SEQ2SEQ_LM));
    }

    /** As the folder says, but for what the settings say. */
    @Override
    public GenerationConfig generation() {
        GenerationConfig.Builder settings = said.with()
                .maxNewTokens(task.batches().maxTargetLength())
                .numBeams(task.evaluation().beams())
                .lengthPenalty(task.evaluation().lengthPenalty())
                .padTokenId(pad)
                .decoderStartTokenId(start);
        if (said.eosTokenId().isEmpty()) {
            settings.eosTokenId(end);
        }
        // A target that begins with its language is begun with it.
        target.language().map(code -> target.id(code).orElseThrow())
                .filter(code -> target.encode("").ids()[0] == code)
                .ifPresent(settings::forcedBosTokenId);
        return settings.build();
    }

    @Override
    public void complete(Path modelFolder) {
        new TextModel(base.start(), Task.SEQ2SEQ_LM, base.config(), source).complete(modelFolder);
        Path own = base.start().folder().orElseThrow().resolve(Translation.TARGET_FOLDER);
        if (Files.isDirectory(own)) {
            target.save(modelFolder.resolve(Translation.TARGET_FOLDER));
        }
        generation().save(modelFolder);
    }
}
