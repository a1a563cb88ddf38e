package org.jformers.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/langchain4j.md shows compiles and runs. */
final class DocumentTest {
    private static final Path DOCUMENT = Path.of("").toAbsolutePath().getParent().resolve("docs/langchain4j.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\R(.*?)^```");
    private static final Pattern IMPORTS_TYPE_BODY = Pattern.compile("(?s)((?:import [^\\n]*\\n)+)(.*?\\n}\\n)(.*)");

    @TempDir
    private Path folder;

    @Test
    void theExampleRuns() throws Exception {
        Matcher block = BLOCK.matcher(Files.readString(DOCUMENT).replace("\r\n", "\n"));
        assertThat(block.find()).isTrue();
        Matcher parts = IMPORTS_TYPE_BODY.matcher(block.group(1)
                .replace("all-minilm-l6-v2", slashed(TinyChat.reader(folder.resolve("reader"))))
                .replace("path/to/chat", slashed(TinyChat.llama(folder.resolve("chat")))));
        assertThat(parts.matches()).isTrue();
        Path source = folder.resolve("Example.java");
        Files.writeString(source, parts.group(1) + "public final class Example {\n" + parts.group(2)
                + "public static void main(String[] arguments) {\n" + parts.group(3) + "}\n}\n");
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, errors,
                "-cp", System.getProperty("java.class.path"), "-d", folder.toString(), source.toString());
        assertThat(failed).as(errors.toString(StandardCharsets.UTF_8)).isZero();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass("Example").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        }
    }

    private static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }
}
