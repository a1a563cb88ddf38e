package org.jformers.testkit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/** Folders of tiny models that were trained on nothing. */
public final class TinyChat {
    public static final String START = "<|im_start|>";
    public static final String END = "<|im_end|>";

    private static final String TEMPLATE = """
            {%- if tools %}{{ '<|im_start|>system\\n' }}{% for tool in tools %}{{ tool | tojson }}{% endfor %}
            {{- ' Call them as <tool_call>{"name": ...}</tool_call>.<|im_end|>\\n' }}{% endif %}
            {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""";

    private static final Tokenizer TOKENIZER = ByteLevelBpeTrainer.builder()
            .vocabSize(320).specialTokens("<|endoftext|>", START, END).build()
            .train(List.of("A volcano is a mountain.", "user", "assistant", "system"));

    private TinyChat() {}

    /** A Llama with a chat template that writes until it is told to stop: nothing ends its texts. */
    public static Path llama(Path folder) throws IOException {
        Path made = save(folder, Task.CAUSAL_LM, """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": %d, "hidden_size": 32,
                 "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
                 "num_key_value_heads": 2, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5,
                 "tie_word_embeddings": false, "initializer_range": 0.3}
                """);
        return talks(made);
    }

    /** A GPT-2 with the same template and 64 positions. */
    public static Path gpt2(Path folder) throws IOException {
        return talks(save(folder, Task.CAUSAL_LM, """
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": %d, "n_embd": 16,
                 "n_layer": 1, "n_head": 2, "n_positions": 64}
                """));
    }

    private static Path talks(Path made) throws IOException {
        Files.writeString(made.resolve("chat_template.jinja"), TEMPLATE);
        GenerationConfig.builder().build().save(made);
        return made;
    }

    /** A BERT without a head. */
    public static Path reader(Path folder) throws IOException {
        return save(folder, Task.BASE, bert("BertModel", "\"0\": \"a\""));
    }

    /** A BERT that gives pairs one number. */
    public static Path ranker(Path folder) throws IOException {
        return save(folder, Task.SEQUENCE_CLASSIFICATION, bert("BertForSequenceClassification", "\"0\": \"fits\""));
    }

    /** A BERT that tells good from poor. */
    public static Path classifier(Path folder) throws IOException {
        return save(folder, Task.SEQUENCE_CLASSIFICATION,
                bert("BertForSequenceClassification", "\"0\": \"poor\", \"1\": \"good\""));
    }

    private static String bert(String architecture, String labels) {
        return """
                {"model_type": "bert", "architectures": ["%s"], "vocab_size": %%d, "hidden_size": 16,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
                 "max_position_embeddings": 200, "pad_token_id": 0, "id2label": {%s}}
                """.formatted(architecture, labels);
    }

    public static Tokenizer tokenizer() {
        return TOKENIZER;
    }

    private static Path save(Path folder, Task task, String config) throws IOException {
        try (Model model = AutoModel.create(AutoConfig.parse(
                new JsonMapper().readTree(config.formatted(TOKENIZER.vocabSize())), "test"), task, 1)) {
            model.save(folder);
        }
        TOKENIZER.save(folder);
        return folder;
    }
}
