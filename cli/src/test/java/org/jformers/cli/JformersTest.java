package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;

final class JformersTest {

    @Test
    void printsHelpOfEveryCommand() {
        for (CommandLine line : all(Jformers.commandLine())) {
            List<String> arguments = new ArrayList<>(List.of(line.getCommandSpec().qualifiedName().split(" ")));
            arguments.remove(0);
            arguments.add("--help");
            Run run = Run.jformers(arguments.toArray(String[]::new));
            assertThat(run.exitCode()).as(arguments.toString()).isZero();
            assertThat(run.out()).startsWith("Usage: " + line.getCommandSpec().qualifiedName());
            assertThat(run.err()).isEmpty();
        }
    }

    @Test
    void describesEveryOptionAndCommand() {
        for (CommandLine line : all(Jformers.commandLine())) {
            String name = line.getCommandSpec().qualifiedName();
            assertThat(line.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
            assertThat(line.getCommandSpec().usageMessage().showDefaultValues()).as(name).isTrue();
            for (OptionSpec option : line.getCommandSpec().options()) {
                assertThat(option.description()).as(name + " " + option.longestName()).isNotEmpty();
            }
        }
    }

    @Test
    void printsItsVersion() {
        assertThat(Run.jformers("--version")).isEqualTo(new Run(0, "jformers " + Version.current() + "\n", ""));
    }

    @Test
    void callsAMissingCommandWrongUsage() {
        Run run = Run.jformers();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("jformers: expected a command\nTry 'jformers --help'.\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"envv", "--envv", "env --engin", "env more", "tokenizer", "tokenizer encode"})
    void callsUnknownArgumentsWrongUsage(String arguments) {
        Run run = Run.jformers(arguments.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("jformers: ").contains(" --help'.").doesNotContain("\tat ");
    }

    /** The fewest edits count: trian is train, though it looks like translate's beginning. */
    @ParameterizedTest
    @CsvSource({"trian, train", "tarin, train", "translat, translate", "generat, generate", "quickstrat, quickstart",
        "experiment, experiments", "experiments shwo, show", "tokenizer encde, encode", "train --rseume=x, --resume",
        "--verison, --version"})
    void asksWhetherTheNearestWasMeant(String arguments, String nearest) {
        Run run = Run.jformers(arguments.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("\nDid you mean " + nearest + "?\nTry 'jformers");
    }

    @Test
    void asksNothingWhereNothingIsNear() {
        assertThat(Run.jformers("xyz").err()).doesNotContain("Did you mean");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train nosuch.json", "experiments show runs/nosuch/experiment.json"})
    void takesAFileForAFile(String arguments) {
        Run run = Run.jformers(arguments.split(" "));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).matches("jformers: experiment: no such file \\S+\\.json\n");
    }

    @Test
    void leavesArgumentsThatBeginWithAnAtSignAlone(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "--version");
        assertThat(Run.jformers("@" + file).err()).contains("@" + file);
    }

    @Test
    void reportsFailuresInOneLine() {
        Run run = failing(new JformersException("model: no such folder: x"));
        assertThat(run).isEqualTo(new Run(1, "", "jformers: model: no such folder: x\n"));
    }

    @Test
    void reportsDefectsWithTheirFirstLine() {
        Run run = failing(new IllegalStateException("it broke\nException raised from here: C++ stack"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("""
                jformers: IllegalStateException: it broke
                This is a defect of jformers; run again with --stacktrace to see where it happened.
                """);
    }

    @Test
    void reportsErrorsOfTheVirtualMachine() {
        Run run = failing(new OutOfMemoryError("Java heap space"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("jformers: out of Java memory (Java heap space); allow more, "
                + "for example with JFORMERS_JAVA_OPTS=-Xmx8g\n");
    }

    @Test
    void printsStackTracesOnRequest() {
        Run run = failing(new JformersException("broken"), "--stacktrace");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("jformers: broken\n").contains("\tat org.jformers.cli.JformersTest");
    }

    @Test
    void describesTheMachine() {
        Run run = Run.jformers("env");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("libtorch 2.")
                .containsPattern("java +" + System.getProperty("java.vm.version").replace("+", "\\+"))
                .containsPattern("memory +\\d+\\.\\d GiB")
                .doesNotContain("engine threads");
    }

    @Command(name = "fail")
    static final class Fail implements Runnable {
        private final Throwable failure;

        Fail(Throwable failure) {
            this.failure = failure;
        }

        @Override
        public void run() {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        }
    }

    private static Run failing(Throwable failure, String... options) {
        CommandLine line = Jformers.commandLine();
        line.addSubcommand(new Fail(failure));
        // Picocli hands handlers down to the commands that are there at the time.
        line.setExecutionExceptionHandler(line.getExecutionExceptionHandler());
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.add("fail");
        return Run.of(line, arguments.toArray(String[]::new));
    }

    private static List<CommandLine> all(CommandLine line) {
        List<CommandLine> all = new ArrayList<>(List.of(line));
        line.getSubcommands().values().forEach(command -> all.addAll(all(command)));
        return all;
    }
}
