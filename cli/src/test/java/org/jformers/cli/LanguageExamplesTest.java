package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/fine-tuning-language.md, on its data, a few steps each and from tiny models. */
final class LanguageExamplesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path PAGE = ROOT.resolve("docs/fine-tuning-language.md");
    private static final Pattern COMMAND = Pattern.compile("(?m)^\\./jformers ((?:[^\\\\\n]|\\\\\n)*)$");
    private static final String CHAT_ML = "{% for m in messages %}{{ '<s>' + m.role + '\\n' + m.content + '</s>' }}"
            + "{% endfor %}{% if add_generation_prompt %}{{ '<s>assistant\\n' }}{% endif %}";

    @TempDir
    private Path folder;

    @Test
    void theCommandsRun() throws IOException {
        int[] ran = {0};
        Matcher commands = COMMAND.matcher(Files.readString(PAGE));
        while (commands.find()) {
            List<String> words = words(commands.group(1));
            if (words.contains("train.tsv")) {
                continue; // of another page
            }
            Run run = Run.jformers(words.toArray(String[]::new));
            assertThat(run.exitCode()).as("%s%n%s", words, run.err()).isZero();
            assertThat(run.out()).isNotBlank();
            ran[0]++;
        }
        assertThat(ran[0]).isEqualTo(8);
    }

    /** The words of a command, with models, files and folders that are there. */
    private List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("\"([^\"]*)\"|([^\\s\\\\]+)").matcher(command);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        words.replaceAll(one -> one.startsWith("docs/") ? ROOT.resolve(one).toString()
                : one.startsWith("runs/") ? folder.resolve(one).toString() : one.replace("[MASK]", "<mask>"));
        if (words.get(0).equals("finetune")) {
            words.set(1, start(words.get(3)).toString());
            words.addAll(List.of(
                    "--precision", "float32", "--max-steps", "3", "--set", "task.evaluation.samples=1"));
        }
        if (words.get(0).equals("generate")) {
            words.addAll(List.of("--max-new-tokens", "5"));
        }
        return words;
    }

    private Path start(String task) {
        String sizes = "\"hidden_size\": 16, \"num_hidden_layers\": 1, \"num_attention_heads\": 2,"
                + " \"intermediate_size\": 32, \"max_position_embeddings\": 300";
        return switch (task) {
            case "masked-lm" -> make("roberta", Task.MASKED_LM, sizes + ", \"type_vocab_size\": 1");
            case "sequence-to-sequence", "denoising" -> make("t5", Task.SEQ2SEQ_LM, "\"d_model\": 16, \"d_kv\": 8,"
                    + " \"d_ff\": 32, \"num_layers\": 1, \"num_heads\": 2, \"decoder_start_token_id\": 1");
            default -> make("llama", Task.CAUSAL_LM,
                    sizes + ", \"num_key_value_heads\": 1, \"rms_norm_eps\": 1e-5");
        };
    }

    private Path make(String family, Task task, String sizes) {
        Path made = folder.resolve(family);
        if (Files.exists(made)) {
            return made;
        }
        try {
            Tokenizer tokenizer = ByteLevelBpeTrainer.builder().vocabSize(400)
                    .specialTokens("<s>", "<pad>", "</s>", "<unk>", "<mask>").surroundWith("<s>", "</s>").build()
                    .train(Files.readAllLines(ROOT.resolve("docs/examples/garden.txt")));
            String config = "{\"model_type\": \"" + family + "\", \"vocab_size\": " + tokenizer.vocabSize()
                    + ", \"bos_token_id\": 0, \"pad_token_id\": 1, \"eos_token_id\": 2, " + sizes + "}";
            try (Model model = AutoModel.create(
                    AutoConfig.parse(new JsonMapper().readTree(config), "test"), task, 1)) {
                model.save(made);
            }
            tokenizer.save(made);
            Files.writeString(made.resolve("chat_template.jinja"), CHAT_ML);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theJavaOfThePageCompiles() throws IOException {
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(1);
        JavaBlocks.compile(List.of(JavaBlocks.asProgram(blocks.get(0))), folder);
    }
}
