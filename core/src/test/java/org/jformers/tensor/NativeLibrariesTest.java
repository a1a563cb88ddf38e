package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody else can put a library where the engine's are looked for. */
final class NativeLibrariesTest {
    @TempDir
    private Path folder;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void aClassPathWithoutThemIsToldWhatBringsThem() {
        NativeLibraries.requireEngine(Loader.getPlatform());
        assertThatThrownBy(() -> NativeLibraries.requireEngine("plan9-mips")).isInstanceOf(JformersException.class)
                .hasMessageContaining("allowed with org.jformers:jformers-natives-plan9-mips");
    }

    @Test
    void liveInAFolderOfTheUsersOwn() throws IOException {
        Path made = NativeLibraries.own(folder);
        assertThat(made).isEqualTo(folder.resolve(".jformers/native")).isDirectory();
        assertThat(permissions(made)).isEqualTo("rwx------");
        assertThat(permissions(made.getParent())).isEqualTo("rwx------");
        assertThat(NativeLibraries.own(folder)).isEqualTo(made);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx---rwx", "rwxrwxrwx"})
    void aFolderThatOthersMayWriteIsRefused(String permissions) throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString(permissions));
        Files.writeString(open.resolve("planted.so"), "a library");
        assertThatThrownBy(() -> NativeLibraries.required(open)).isInstanceOf(JformersException.class)
                .hasMessageContaining(open.toString()).hasMessageContaining(permissions);
    }

    /** A home that is a file stands for one that cannot be written: root may write into any folder. */
    @Test
    void aHomeThatCannotBeWrittenGivesANewFolderOfARandomName() throws IOException {
        Path home = Files.writeString(folder.resolve("home"), "a file");
        Path first = NativeLibraries.own(home);
        Path second = NativeLibraries.own(home);
        assertThat(first).isNotEqualTo(second).isEmptyDirectory();
        assertThat(permissions(first)).isEqualTo("rwx------");
        Files.delete(first);
        Files.delete(second);
    }

    @Test
    void theEngineUsesIt() throws IOException {
        Scopes.run(() -> assertThat(Tensors.ofLongs(new long[] {1}, 1).numel()).isEqualTo(1));
        Path used = Path.of(System.getProperty("org.bytedeco.javacpp.cachedir"));
        try (Stream<Path> unpacked = Files.list(used)) {
            assertThat(unpacked).anyMatch(path -> path.getFileName().toString().startsWith("pytorch-"));
        }
    }
}
