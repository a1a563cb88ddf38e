package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher script beside a JDK that only shows what it was started with, and characters that are not ASCII. */
final class LauncherTest {
    @TempDir
    private Path folder;

    private Path script;

    @BeforeEach
    void standIn() throws IOException {
        Path original = Path.of("").toAbsolutePath().getParent().resolve("jformers");
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")) && Files.isExecutable(original));
        script = Files.copy(original, folder.resolve("jformers"));
        Files.writeString(folder.resolve("pom.xml"), "<project/>");
        Path state = Files.createDirectories(folder.resolve("cli/target/launcher"));
        Files.writeString(state.resolve("classpath"), folder.resolve("pom.xml").toString());
        Files.writeString(folder.resolve("cli/pom.xml"), "<project/>");
        Files.writeString(state.resolve("stamp"), "");
        Path jdk = Files.createDirectories(folder.resolve("jdk/bin"));
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.15\"\n");
        for (String tool : List.of("java", "javac")) {
            Path file = Files.writeString(
                    jdk.resolve(tool), "#!/bin/sh\necho \"LC_ALL=$LC_ALL\"\nprintf '%s\\n' \"$@\"\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
    }

    private List<String> launch(Map<String, String> locale, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/bash", script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().putAll(locale);
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", "xx_YY.UTF-8", ""})
    void givesTheMachineALocaleWithAllCharacters(String locale) throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        List<String> started = launch(locale.isEmpty() ? Map.of() : Map.of("LC_ALL", locale), "train", "a b");
        assertThat(started).startsWith("LC_ALL=C.UTF-8").endsWith("org.jformers.cli.Jformers", "train", "a b");
    }

    @Test
    void leavesALocaleThatKnowsThemAlone() throws Exception {
        assertThat(launch(Map.of("LANG", "C.UTF-8"), "env")).startsWith("LC_ALL=");
    }

    /** A pipe gets the text as it is, so the machine is told of a terminal alone. */
    @Test
    void tellsOfTerminalsOnlyWhereThereAreAny() throws Exception {
        assertThat(launch(Map.of(), "env")).noneMatch(argument -> argument.startsWith("-Djformers."));
    }

    @Test
    void jarsOfOnesOwnJoinTheClassPath() throws Exception {
        List<String> started = launch(Map.of("JFORMERS_CLASSPATH", "mine.jar:yours.jar"), "families");
        assertThat(started.get(started.indexOf("-cp") + 1)).endsWith(":mine.jar:yours.jar");
        assertThat(launch(Map.of(), "families")).noneMatch(argument -> argument.endsWith(":"));
    }

    /** What is printed for those who start Java themselves is what the launcher does. */
    @Test
    void setsWhatTheExportsSay() throws IOException {
        List<String> launcher =
                Files.readString(script).lines().filter(line -> line.matches("export [A-Z].*-.*")).toList();
        List<String> printed = Run.jformers("env", "--exports").out().lines().toList();
        assertThat(printed.subList(0, printed.size() - 1)).containsExactlyInAnyOrderElementsOf(launcher).hasSize(10);
        String flags = printed.get(printed.size() - 1);
        assertThat(flags).startsWith("# java -XX:");
        assertThat(Files.readString(script)).contains(flags.substring("# java ".length()).split(" "));
    }

    @Test
    void argumentsAndFoldersKeepTheirCharacters() throws Exception {
        Path named = folder.resolve("Größe 漢字");
        Run run = Child.start(Map.of("LC_ALL", "C.UTF-8"), List.of(), "inspect", named.toString()).end();
        assertThat(run.err()).contains(named.toString());
    }
}
