package org.jformers.model.auto;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.family.Albert;
import org.jformers.model.family.Bart;
import org.jformers.model.family.Bert;
import org.jformers.model.family.Clip;
import org.jformers.model.family.ClipText;
import org.jformers.model.family.ClipVision;
import org.jformers.model.family.Ctrl;
import org.jformers.model.family.DebertaV2;
import org.jformers.model.family.DistilBert;
import org.jformers.model.family.Electra;
import org.jformers.model.family.FastSpeech2Conformer;
import org.jformers.model.family.Gemma2;
import org.jformers.model.family.Gemma3;
import org.jformers.model.family.Gpt2;
import org.jformers.model.family.GptNeo;
import org.jformers.model.family.Llama;
import org.jformers.model.family.MBart;
import org.jformers.model.family.Marian;
import org.jformers.model.family.Mistral;
import org.jformers.model.family.Mixtral;
import org.jformers.model.family.ModernBert;
import org.jformers.model.family.Mt5;
import org.jformers.model.family.OpenAiGpt;
import org.jformers.model.family.Opt;
import org.jformers.model.family.Pegasus;
import org.jformers.model.family.Qwen2;
import org.jformers.model.family.Qwen3;
import org.jformers.model.family.Roberta;
import org.jformers.model.family.SpeechT5;
import org.jformers.model.family.Swin;
import org.jformers.model.family.SwitchTransformers;
import org.jformers.model.family.T5;
import org.jformers.model.family.TransfoXl;
import org.jformers.model.family.Vaswani;
import org.jformers.model.family.Vit;
import org.jformers.model.family.VitMae;
import org.jformers.model.family.Wav2Vec2;
import org.jformers.model.family.Whisper;
import org.jformers.model.family.XlNet;
import org.jformers.model.family.Xlm;

/** The families there are: those built in, and those that other jars offer as a service. */
public final class ModelFamilies {
    private static final List<ModelFamily<?>> BUILT_IN = List.of(
            new Vaswani(), new T5(), new Mt5(), new Bart(), new MBart(), new Marian(), new Pegasus(),
            new SwitchTransformers(),
            new Gpt2(), new OpenAiGpt(), new GptNeo(), new Opt(), new Ctrl(),
            new TransfoXl(), new XlNet(),
            new Bert(),
            new Roberta(), Roberta.xlm(), Roberta.camembert(),
            new DistilBert(),
            new Albert(),
            new Electra(), new Xlm(),
            new DebertaV2(), new ModernBert(),
            new Llama(), new Mistral(), new Mixtral(), new Qwen2(), new Qwen3(),
            new Gemma2(), new Gemma3(),
            new Vit(), new VitMae(),
            new Swin(),
            new Clip(), new ClipText(), new ClipVision(),
            new Whisper(), new Wav2Vec2(), new SpeechT5(), new FastSpeech2Conformer());

    private ModelFamilies() {}

    /** The families of this jar. */
    public static List<ModelFamily<?>> builtIn() {
        return BUILT_IN;
    }

    /** All families: those of this jar, then those found by {@link ServiceLoader}. */
    public static List<ModelFamily<?>> all() {
        List<ModelFamily<?>> all = new ArrayList<>(BUILT_IN);
        ServiceLoader.load(ModelFamily.class).forEach(all::add);
        return all;
    }

    /**
     * The family of a {@code model_type}.
     *
     * @throws ConfigException naming those there are
     */
    public static ModelFamily<?> of(String modelType) {
        return all().stream()
                .filter(family -> family.modelType().equals(modelType))
                .findFirst()
                .orElseThrow(() -> new ConfigException("model_type: got " + modelType + ", allowed "
                        + all().stream().map(ModelFamily::modelType).toList()
                        + "; a family in a jar of its own is found on the class path (JFORMERS_CLASSPATH)"));
    }
}
