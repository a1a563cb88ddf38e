package org.jformers.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The command in a virtual machine of its own, with its exit code, its streams and its signals. */
final class Child {
    private final Process process;
    private final CompletableFuture<String> out;
    private final CompletableFuture<String> err;

    private Child(Process process) {
        this.process = process;
        out = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
        err = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
    }

    /** Runs a command to its end. */
    static Run run(String... arguments) throws IOException, InterruptedException {
        return start(Map.of(), List.of(), arguments).end();
    }

    /** Begins a command. */
    static Child start(Map<String, String> environment, List<String> flags, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("org.bytedeco."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Jformers.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return new Child(builder.start());
    }

    /** Sends a signal by its name, such as {@code INT}. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Waits for the end. */
    Run end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        int exitCode = process.waitFor();
        return new Run(exitCode, out.join(), err.join());
    }

    private static String read(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
