package org.jformers.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/** Tiny models that write, to start from, with tokenizers made from {@link TinyStart}'s sentences. */
final class TinyWriter {
    /** ChatML, as many models have it. */
    static final String CHAT_ML = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content }}"
            + "{{ '<|im_end|>\\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private TinyWriter() {}

    private static List<String> texts() {
        return TinyStart.sentences(300, 1).stream().map(TinyStart.Sentence::text).toList();
    }

    /** A Llama that knows nothing, whose folder has a chat template. */
    static Path llama(Path folder) {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(300).specialTokens("<|endoftext|>", "<|im_start|>", "<|im_end|>").build().train(texts());
        Path model = make(folder.resolve("llama"), tokenizer, """
                {"model_type": "llama", "vocab_size": %d, "hidden_size": 32, "intermediate_size": 64,
                 "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-5,
                 "max_position_embeddings": 64, "bos_token_id": 0, "eos_token_id": 0}"""
                .formatted(tokenizer.vocabSize()), Task.CAUSAL_LM);
        GenerationConfig.builder().bosTokenId(0).eosTokenId(0, 2).build().save(model);
        TinyStart.write(model.resolve("chat_template.jinja"), List.of(CHAT_ML));
        return model;
    }

    /** A Transformer-XL that knows nothing. */
    static Path transfoXl(Path folder) {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(300).specialTokens("<|endoftext|>").build().train(texts());
        return make(folder.resolve("transfo-xl"), tokenizer, """
                {"model_type": "transfo-xl", "vocab_size": %d, "d_model": 32, "n_layer": 2, "n_head": 2, "d_head": 16,
                 "d_inner": 64, "d_embed": 32, "cutoffs": [100, 200], "div_val": 2, "mem_len": 24, "clamp_len": 30,
                 "dropout": 0.1, "dropatt": 0.0, "bos_token_id": 0, "eos_token_id": 0}"""
                .formatted(tokenizer.vocabSize()), Task.CAUSAL_LM);
    }

    /** An encoder-decoder that knows nothing. */
    static Path encoderDecoder(Path folder, String family) {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(300).specialTokens("<s>", "<pad>", "</s>", "<unk>").surroundWith("<s>", "</s>").build()
                .train(texts());
        String sizes = family.equals("t5")
                ? "\"d_kv\": 16, \"d_ff\": 64, \"num_layers\": 1, \"num_heads\": 2, \"dropout_rate\": 0.0,"
                        + " \"relative_attention_num_buckets\": 8, \"decoder_start_token_id\": 1"
                : "\"encoder_layers\": 1, \"decoder_layers\": 1, \"encoder_attention_heads\": 2,"
                        + " \"decoder_attention_heads\": 2, \"encoder_ffn_dim\": 64, \"decoder_ffn_dim\": 64,"
                        + " \"max_position_embeddings\": 40, \"dropout\": 0.0, \"decoder_start_token_id\": "
                        + (family.equals("bart") ? 2 : 1);
        return make(folder.resolve(family), tokenizer, """
                {"model_type": "%s", "vocab_size": %d, "d_model": 32, %s, "pad_token_id": 1, "bos_token_id": 0,
                 "eos_token_id": 2}""".formatted(family, tokenizer.vocabSize(), sizes), Task.SEQ2SEQ_LM);
    }

    private static Path make(Path folder, Tokenizer tokenizer, String config, Task task) {
        try (Model model = AutoModel.create(
                AutoConfig.parse((ObjectNode) new JsonMapper().readTree(config), "test"), task, 5)) {
            model.save(folder);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        tokenizer.save(folder);
        return folder;
    }

    /** A few quick epochs in float32. */
    static FineTuning quick(FineTuning any) {
        return any.batch(8).epochs(6).learningRate(5e-3).set("training.precision", "float32");
    }

    /** The lines of a file that has one for each sentence. */
    static Path lines(Path file, int count, java.util.function.Function<TinyStart.Sentence, String> line) {
        List<String> lines = new ArrayList<>();
        TinyStart.sentences(count, 1).forEach(sentence -> lines.add(line.apply(sentence)));
        return TinyStart.write(file, lines);
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
