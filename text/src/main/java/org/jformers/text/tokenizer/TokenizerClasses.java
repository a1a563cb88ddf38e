package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer classes of transformers 5 by name, and which one a folder means. A class named here builds its pipeline
 * itself and takes no more than vocabulary, post-processor and padding from a tokenizer.json; what else the file says
 * counts for {@link #BACKEND} alone.
 */
final class TokenizerClasses {
    /** The class that runs a tokenizer.json as it is. */
    static final String BACKEND = "TokenizersBackend";

    private static final Set<String> BACKEND_NAMES = Set.of(
            BACKEND, "PreTrainedTokenizer", "PythonBackend", "BloomTokenizer", "MistralCommonBackend");

    /** How a class is built, and the older files that it reads. */
    record Known(Consumer<TokenizerBuild> builder, String file, Form form) {}

    /** What a class's model makes of a vocabulary. */
    enum Form {
        TABLE,
        SCORED
    }

    private static final Map<String, Known> KNOWN = new TreeMap<>();

    static {
        for (String name : new String[] {"Bert", "DistilBert", "Electra", "MobileBert", "ConvBert", "Lxmert",
            "SqueezeBert", "LayoutLM", "RetriBert", "DPRContextEncoder", "DPRQuestionEncoder", "DPRReader"}) {
            table(name, "vocab.txt", TableClasses::bert);
        }
        table("Funnel", "vocab.txt", TableClasses::funnel);
        table("MPNet", "vocab.txt", TableClasses::mpnet);
        for (String name : new String[] {"Roberta", "Bart", "LED", "Longformer", "Mvp"}) {
            table(name, "vocab.json", TableClasses::roberta);
        }
        table("GPT2", "vocab.json", TableClasses::gpt2);
        table("CodeGen", "vocab.json", TableClasses::codeGen);
        table("GPTNeoX", "vocab.json", TableClasses::gptNeoX);
        table("Blenderbot", "vocab.json", TableClasses::blenderbot);
        table("Deberta", "vocab.json", TableClasses::deberta);
        table("Qwen2", "vocab.json", TableClasses::qwen2);
        table("Whisper", "vocab.json", TableClasses::whisper);
        table("CLIP", "vocab.json", TableClasses::clip);
        table("OpenAIGPT", "vocab.json", TableClasses::openAiGpt);
        table("Llama", "tokenizer.model", TableClasses::llama);
        table("Gemma", "tokenizer.model", TableClasses::gemma);
        table("Reformer", "spiece.model", TableClasses::reformer);
        scored("T5", "spiece.model", UnigramClasses::t5);
        scored("Albert", "spiece.model", UnigramClasses::albert);
        scored("FNet", "spiece.model", UnigramClasses::albert);
        scored("XLNet", "spiece.model", UnigramClasses::xlnet);
        scored("BigBird", "spiece.model", UnigramClasses::bigBird);
        scored("Pegasus", "spiece.model", UnigramClasses::pegasus);
        scored("XLMRoberta", "sentencepiece.bpe.model", UnigramClasses::xlmRoberta);
        scored("Camembert", "sentencepiece.bpe.model", UnigramClasses::camembert);
        scored("Barthez", "sentencepiece.bpe.model", UnigramClasses::barthez);
        scored("MBart", "sentencepiece.bpe.model", UnigramClasses::mbart);
        scored("MBart50", "sentencepiece.bpe.model", UnigramClasses::mbart50);
        scored("DebertaV2", "spm.model", UnigramClasses::debertaV2);
    }

    /**
     * Classes and the model types that have them where the files name none, or name one that is known to be wrong.
     * Those that {@link #KNOWN} lacks are read from a tokenizer.json alone.
     */
    private static final Map<String, String> BY_MODEL_TYPE = byModelType("""
            Albert: albert
            Barthez: barthez
            Bert: bert convbert distilbert electra ernie layoutlm squeezebert
            BigBird: big_bird
            Blenderbot: blenderbot
            CLIP: clip clip_text_model
            CTRL: ctrl
            Camembert: camembert
            Deberta: deberta
            DebertaV2: deberta-v2
            FNet: fnet
            Flaubert: flaubert
            Funnel: funnel
            GPT2: codegen gpt2 gpt_neo gptj opt phi starcoder2
            GPTNeoX: falcon_mamba gpt_neox mamba mpt olmo olmoe rwkv
            Gemma: gemma gemma2 gemma3 gemma3_text gemma3n recurrent_gemma t5gemma
            LED: led
            Lxmert: lxmert
            MBart: mbart
            MBart50: mbart50
            MPNet: mpnet
            Marian: marian
            MobileBert: mobilebert
            Mvp: mvp
            OpenAIGPT: openai-gpt
            Pegasus: pegasus
            Qwen2: qwen2 qwen2_moe qwen2_vl qwen3 qwen3_moe qwen3_next
            Reformer: reformer
            Roberta: bart data2vec-text longformer roberta roberta-prelayernorm
            SpeechT5: speecht5
            T5: mt5 switch_transformers t5
            TokenizersBackend: granite granitemoe mistral mixtral modernbert olmo2 olmo3 phi3 umt5 xlm-roberta-xl
            TransfoXL: transfo-xl
            Wav2Vec2CTC: hubert unispeech unispeech-sat wav2vec2 wav2vec2-bert wav2vec2-conformer
            Whisper: whisper
            XLM: xlm
            XLMRoberta: metaclip_2 xlm-roberta xmod
            XLNet: xlnet
            Bartpho: bartpho
            BertGeneration: bert-generation
            Bertweet: bertweet
            BioGpt: biogpt
            BlenderbotSmall: blenderbot-small
            ByT5: byt5
            Canine: canine
            CodeLlama: code_llama
            Cohere: cohere cohere2
            Cpm: cpm
            DPRQuestionEncoder: dpr
            Esm: esm
            FSMT: fsmt
            FastSpeech2Conformer: fastspeech2_conformer
            GPTSw3: gpt-sw3
            Herbert: herbert
            LayoutLMv2: layoutlmv2
            LayoutLMv3: layoutlmv3
            LayoutXLM: layoutxlm
            Luke: luke
            M2M100: m2m_100
            MLuke: mluke
            MarkupLM: markuplm
            Nllb: nllb nllb-moe
            Nougat: nougat
            PLBart: plbart
            Perceiver: perceiver
            Phobert: phobert
            ProphetNet: prophetnet
            RemBert: rembert
            RoCBert: roc_bert
            RoFormer: roformer
            SeamlessM4T: seamless_m4t seamless_m4t_v2
            Siglip: siglip
            Speech2Text: speech_to_text
            Splinter: splinter
            Tapas: tapas
            Udop: udop
            Vits: vits
            Wav2Vec2PhonemeCTC: wav2vec2_phoneme
            XGLM: xglm
            """);

    /** Classes in plain Python, whose older files are read as they are. */
    private static final List<String> PLAIN =
            List.of("CTRL", "Flaubert", "Marian", "SpeechT5", "TransfoXL", "Wav2Vec2CTC", "XLM");

    /** Model types whose published folders name a class that is not theirs. */
    private static final Set<String> NAMED_WRONGLY = Set.of("modernbert", "phi3", "qwen2");

    private TokenizerClasses() {}

    private static void table(String name, String file, Consumer<TokenizerBuild> builder) {
        KNOWN.put(name, new Known(builder, file, Form.TABLE));
    }

    private static void scored(String name, String file, Consumer<TokenizerBuild> builder) {
        KNOWN.put(name, new Known(builder, file, Form.SCORED));
    }

    /**
     * The class of a folder, by its bare name ("Bert" for BertTokenizer and BertTokenizerFast): the one that
     * tokenizer_config.json or config.json names unless the model type is known to be right against it, otherwise that
     * of the model type. Empty if nothing in the folder says it.
     */
    static String of(ObjectNode tokenizerConfig, ObjectNode modelConfig) {
        String registered = BY_MODEL_TYPE.get(modelConfig.path("model_type").asText());
        String named = bare(tokenizerConfig.path("tokenizer_class").asText(""));
        if (named.isEmpty()) {
            named = bare(modelConfig.path("tokenizer_class").asText(""));
        }
        if (named.isEmpty()) {
            return registered == null ? "" : registered;
        }
        if (registered != null && !registered.equals(named)) {
            return registered.equals(BACKEND)
                    ? BACKEND
                    : NAMED_WRONGLY.contains(modelConfig.path("model_type").asText()) ? registered : named;
        }
        return named;
    }

    private static String bare(String name) {
        String known = name.equals("null") ? "" : name.replaceFirst("Fast$", "");
        return BACKEND_NAMES.contains(known) ? BACKEND : known.replaceFirst("Tokenizer$", "");
    }

    private static Map<String, String> byModelType(String table) {
        Map<String, String> types = new HashMap<>();
        for (String line : table.strip().split("\n")) {
            String[] words = line.split("[: ]+");
            Arrays.stream(words).skip(1).forEach(type -> types.put(type, words[0]));
        }
        return Map.copyOf(types);
    }

    /** How a class is built; null if it is none of those that build themselves. */
    static @Nullable Known known(String name) {
        return KNOWN.get(name);
    }

    /** Whether a class has a form of its own instead of a tokenizer.json. */
    static boolean isPlain(String name) {
        return PLAIN.contains(name);
    }

    /** All classes whose older files are read, as messages list them. */
    static String names() {
        Set<String> names = new TreeSet<>(KNOWN.keySet());
        names.addAll(PLAIN);
        return String.join("Tokenizer, ", names) + "Tokenizer";
    }
}
