package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages on questions, choices and rankings: what they show compiles, and their first commands train and answer. */
final class ReadingPagesTest {
    private static final Path DOCS = Path.of("").toAbsolutePath().getParent().resolve("docs");
    private static final String START = "src/test/resources/pipelines/bert-answers";
    private static final Pattern COMMANDS = Pattern.compile("(?ms)^```\\R(.*?)^```");
    private static final Pattern WORD = Pattern.compile("'[^']*'|\"[^\"]*\"|\\S+");

    @TempDir
    private Path folder;

    /** The arguments of the commands of a page's first block, with a small model for the one that is named there. */
    private List<List<String>> commands(String page) {
        Matcher block = COMMANDS.matcher(page);
        assertThat(block.find()).isTrue();
        List<List<String>> commands = new ArrayList<>();
        for (String line : block.group(1).replaceAll("\\\\\\R *", "").split("\\R")) {
            List<String> words = new ArrayList<>();
            Matcher word = WORD.matcher(line);
            while (word.find()) {
                words.add(word.group().replaceFirst("^(['\"])(.*)\\1$", "$2").replace("all-minilm-l6-v2", START)
                        .replaceFirst("^docs/", DOCS + "/").replaceFirst("^runs/", folder + "/"));
            }
            commands.add(words);
        }
        return commands;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fine-tuning-questions.md | exact \\d+\\.\\d\\d %, f1 \\d+\\.\\d\\d % on 24 validation questions
            fine-tuning-choices.md   | accuracy \\d+\\.\\d\\d % on \\d\\d validation questions
            fine-tuning-reranking.md | mrr \\d\\.\\d{4} on \\d\\d validation rows
            """)
    void whatThePageShowsWorks(String name, String headline) throws IOException {
        String page = Files.readString(DOCS.resolve(name));
        List<String> java = JavaBlocks.of(DOCS.resolve(name));
        assertThat(java).hasSize(1);
        JavaBlocks.compile(List.of(JavaBlocks.asProgram(java.get(0))), folder);

        for (List<String> command : commands(page)) {
            List<String> arguments = new ArrayList<>(
                    command.subList(command.indexOf("./jformers") + 1, command.size()));
            boolean trains = arguments.get(0).equals("finetune");
            arguments.addAll(trains ? List.of("--max-steps", "3") : List.of());
            int pipe = command.indexOf("|");
            Run run = pipe < 0
                    ? Run.jformers(arguments.toArray(String[]::new))
                    : StandardInput.jformers(command.get(pipe - 1), arguments.toArray(String[]::new));
            assertThat(run.exitCode()).as("%s: %s", command, run.err()).isZero();
            assertThat(run.out()).isNotBlank();
            if (trains) {
                assertThat(run.out().lines().findFirst().orElseThrow()).matches(headline);
            }
        }
        assertThat(folder.resolve(name.replaceAll("fine-tuning-|\\.md", "").replace("reranking", "ranking"))
                .resolve("model/config.json")).isRegularFile();
    }
}
