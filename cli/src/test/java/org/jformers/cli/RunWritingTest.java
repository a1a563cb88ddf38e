package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that write texts as commands: forms, lengths, conversations. */
@Timeout(300)
class RunWritingTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");

    private static Run run(String task, String model, String input, String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", task, "--model", FOLDER.resolve(model).toString()));
        arguments.addAll(List.of(more));
        return StandardInput.jformers(input, arguments.toArray(String[]::new));
    }

    private static Run continued(String input, String... more) {
        return run("text-generation", "gpt2-writes", input, more);
    }

    private static JsonNode answer(Run run) {
        assertThat(run.out()).hasLineCount(1);
        return Json.read(run.out(), JsonNode.class, "the answer");
    }

    @Test
    void printsEachTextWithWhatFollowsOrThatAlone() {
        Run run = continued("The film\nIt is\n", "--max-new-tokens", "5", "--no-do-sample");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("The film").contains("\nIt is");
        Run added = continued("The film\n", "--max-new-tokens", "5", "--no-do-sample", "--no-return-full-text");
        assertThat(run.out()).startsWith("The film" + added.out().stripTrailing());
        assertThat(continued("The film\n", "--option", "max_new_tokens=5", "--option", "do_sample=false",
                "--option", "return_full_text=false")).isEqualTo(added);
        assertThat(continued("The film\n", "--option", "no=1").err()).contains("got the option no, which the task");
    }

    @Test
    void drawsTheSameFromTheSameSeedWhateverElseIsAsked() {
        Run both = continued("The film\nIt is\n", "--max-new-tokens", "8", "--seed", "5");
        assertThat(continued("It is\n", "--max-new-tokens", "8", "--seed", "5").out())
                .isEqualTo(both.out().substring(both.out().indexOf("\nIt is") + 1));
        assertThat(continued("It is\n", "--max-new-tokens", "8", "--seed", "6").out()).isNotEqualTo(both.out());
    }

    @Test
    void writesAsMuchAsTheModelHasRoomForAndRefusesPromptsThatLeaveNone() {
        Run run = continued("", "--json", "--option", "return_tensors=true", "--no-do-sample",
                "--option", "min_new_tokens=256", "a".repeat(60));
        assertThat(answer(run).get(0).get("generated_token_ids")).hasSize(65); // 64 positions; the last is not read
        assertThat(continued("", "--json", "--no-do-sample", "a".repeat(65)).out())
                .contains("prompt: got 65 tokens, allowed up to 64");
    }

    @Test
    void answersTheLatestTurnsOfALongConversation() {
        String old = "{\"role\":\"user\",\"content\":\"" + "Anna moved. ".repeat(60) + "\"},"
                + "{\"role\":\"assistant\",\"content\":\"no\"},";
        String last = "{\"role\":\"user\",\"content\":\"dull?\"}";
        String options = ",\"do_sample\":false,\"max_new_tokens\":6,\"return_full_text\":false}";
        Run whole = run("text-generation", "llama-writes", "{\"inputs\":[" + old + last + "]" + options, "--json");
        Run alone = run("text-generation", "llama-writes", "{\"inputs\":[" + last + "]" + options, "--json");
        assertThat(whole).isEqualTo(alone);
        Run full = run("text-generation", "llama-writes",
                "{\"inputs\":[" + old + last + "],\"do_sample\":false,\"max_new_tokens\":6}", "--json");
        assertThat(answer(full).get(0).get("generated_text")).hasSize(4); // what is returned is not cut
    }

    @Test
    void writesSummariesAndTranslations() {
        Run summary = run("summarization", "t5-writes", "The film was dull.\n", "--max-new-tokens", "6");
        assertThat(summary.exitCode()).as(summary.err()).isZero();
        assertThat(summary.out()).hasLineCount(1);
        assertThat(run("translation", "mbart-writes", "dull\n", "--src-lang", "en_XX", "--tgt-lang", "de_DE",
                "--max-new-tokens", "6", "--num-return-sequences", "2").out()).hasLineCount(2);
        assertThat(run("translation", "mbart-writes", "dull\n", "--src-lang", "en_XX").err())
                .contains("translation: got src_lang alone, allowed src_lang and tgt_lang, or neither");
        assertThat(run("translation", "mbart-writes", "dull\n", "--src-lang", "en_XX", "--tgt-lang", "xx").err())
                .contains("got the language xx, which is no token, allowed codes such as en_XX");
        assertThat(run("translation", "t5-writes", "dull\n", "--src-lang", "en", "--tgt-lang", "fr").err())
                .contains("got the languages en and fr, allowed those of translation_en_to_de");
        assertThat(run("translation", "marian-writes", "dull\n", "--src-lang", "en", "--tgt-lang", "fr",
                "--max-new-tokens", "6").exitCode()).isZero();
    }

    @Test
    void aTextThatIsTooLongIsAnErrorUnlessItIsCut() {
        String text = "Anna moved. ".repeat(20);
        assertThat(run("summarization", "bart-writes", text + "\n").err())
                .contains("tokens, allowed up to 40, as many as");
        assertThat(run("summarization", "bart-writes", text + "\n", "--truncation").exitCode()).isZero();
        assertThat(run("summarization", "gpt2-writes", "a\n").err()).contains("allowed encoder-decoders");
    }

    @Test
    void refusesConversationsWhereThereIsNoTemplate() {
        assertThat(continued("{\"inputs\":[{\"role\":\"user\",\"content\":\"a\"}]}", "--json").out())
                .contains("no chat template in");
    }
}
