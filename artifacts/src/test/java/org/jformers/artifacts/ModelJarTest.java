package org.jformers.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.jformers.hub.HubException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a jar may hold, and what jars that mean harm come to. */
final class ModelJarTest {
    @TempDir
    private Path folder;

    private AbstractStringAssert<?> refusal(Map<String, byte[]> entries) throws IOException {
        return refusal(Jars.write(folder.resolve("x.jar"), entries));
    }

    private AbstractStringAssert<?> refusal(Path file) throws IOException {
        Path made = Files.createDirectories(folder.resolve("deep/made"));
        return assertThatThrownBy(() -> new ModelJar(file, "mvn:a:b:1").makeModel(made))
                .isInstanceOf(HubException.class).message().hasLineCount(1).contains(file.toString());
    }

    private static Map<String, byte[]> with(String name, byte[] content) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>(Jars.model("m/"));
        entries.put(name, content);
        return entries;
    }

    @Test
    void aJarHoldsOneModel() throws IOException {
        refusal(Map.of("a.txt", Jars.text("x"), "m/config.json", Jars.text("{}"))).contains("holds no model");
        Map<String, byte[]> two = new LinkedHashMap<>(Jars.model("a/"));
        two.putAll(Jars.model("b/"));
        refusal(two).contains("holds 2 models, 'a/, b/'");
        refusal(with("other.onnx", Jars.text("x"))).contains("holds 2 models, 'm/, other.onnx'");
        refusal(Map.of("a.onnx", Jars.text("x"), "b.onnx", Jars.text("x"))).contains("holds 2 models");
        refusal(Map.of("a.onnx", Jars.text("no export"))).contains("'a.onnx' cannot be converted");
    }

    @Test
    void partsOfAModelFolderBelongToIt() throws IOException {
        Path jar = Jars.write(folder.resolve("x.jar"), with("m/onnx/model.onnx", Jars.text("x")));
        Path made = Files.createDirectories(folder.resolve("made"));
        new ModelJar(jar, "mvn:a:b:1").makeModel(made);
        assertThat(made.resolve("onnx/model.onnx")).hasContent("x");
    }

    @Test
    void namesStayInside() throws IOException {
        for (String name : new String[] {"m/../../../evil", "m/..", "m//evil", "m/a\\evil", "m/c:evil", "m/./evil"}) {
            refusal(with(name, Jars.text("x"))).contains("stays inside the model's folder");
            try (Stream<Path> files = Files.walk(folder)) {
                assertThat(files.filter(file -> file.getFileName().toString().contains("evil"))).isEmpty();
            }
            delete(folder.resolve("deep"));
        }
    }

    @Test
    void sizesAreLimited() throws IOException {
        refusal(Map.of("m/config.json", Jars.text("{}"), "m/model.safetensors", new byte[20 << 20]))
                .contains("unpacks to more than");
    }

    @Test
    void twoEntriesOfOneNameAreRefused() throws IOException {
        Map<String, byte[]> entries = with("m/first", Jars.text("1"));
        entries.put("m/other", Jars.text("2"));
        Path jar = Jars.write(folder.resolve("x.jar"), entries);
        String bytes = Files.readString(jar, StandardCharsets.ISO_8859_1).replace("m/other", "m/first");
        Files.writeString(jar, bytes, StandardCharsets.ISO_8859_1);
        refusal(jar).contains("two entries of one name");
    }

    @Test
    void whatIsNoArchiveIsSaid() throws IOException {
        refusal(Files.writeString(folder.resolve("x.jar"), "no archive")).contains("cannot unpack");
    }

    private static void delete(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
