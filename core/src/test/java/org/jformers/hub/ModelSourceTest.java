package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user may write for a model. */
final class ModelSourceTest {

    @Test
    void aFolderIsAFolder(@TempDir Path folder) {
        assertThat(ModelSource.folder(folder.toString())).isEqualTo(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/no/such/folder", "./org/name", "../name", "a/b/c", "org/", "org//name", "org/na me", "org/name@",
        "org/name@../x",
        "org/name@a b", "-org/name", "org/name.git", "org/a--b", "org/a..b", "C:\\models", "models\\x", "~/x", ""
    })
    void everythingElseIsRefusedWithoutAskingAnybody(String text) {
        assertThat(ModelId.find(text)).isEmpty();
        assertThatThrownBy(() -> ModelSource.folder(text)).isInstanceOf(HubException.class)
                .hasMessageContainingAll("no such folder", "no model id", text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvn:org.tiny:tiny:1.0", "classpath:models/tiny", "all-minilm-l6-v2"})
    void aPlaceThatNothingKnowsSaysWhatBringsIt(String text) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try {
            assertThat(ModelSource.isPlace(text)).isTrue();
            assertThatThrownBy(() -> ModelSource.folder(text)).isInstanceOf(HubException.class)
                    .message().hasLineCount(1).contains("add the dependency org.jformers:jformers-artifacts");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void whatHasNoSchemeIsNoPlace(@TempDir Path folder) {
        assertThat(ModelSource.place(folder.toString(), TransferListener.NONE)).isEmpty();
        assertThat(ModelSource.isPlace("org/name")).isFalse();
        assertThat(ModelSource.isPlace("C:\\models")).isFalse();
    }

    @Test
    void knownModelsAreListedWhole() {
        assertThat(KnownModel.all()).extracting(KnownModel::name).doesNotHaveDuplicates().contains("all-minilm-l6-v2");
        assertThat(KnownModel.all()).allSatisfy(model -> {
            assertThat(ModelSource.isPlace(model.place())).isTrue();
            assertThat(model.licence()).isNotBlank();
            assertThat(model.description()).isNotBlank();
            assertThat(model.bytes()).isPositive();
            assertThat(model.parameters()).isPositive();
        });
    }

    @Test
    void modelFoldersAmongNames() {
        assertThat(ModelFiles.folders(Set.of("config.json", "x/config.json", "y/model.safetensors"))).isEmpty();
        assertThat(ModelFiles.folders(Set.of(
                "config.json", "pytorch_model.bin", "a/config.json", "a/model.safetensors")))
                .containsExactly("");
        assertThat(ModelFiles.folders(Set.of(
                "a/config.json", "a/model.safetensors.index.json", "a-b/config.json", "a-b/model.safetensors",
                "a/2_Dense/config.json", "a/2_Dense/model.safetensors")))
                .containsExactly("a-b/", "a/");
    }

    @ParameterizedTest
    @CsvSource({
        "org/name, org/name, main", "gpt2, gpt2, main", "Org-1/na.me_2, Org-1/na.me_2, main",
        "org/name@v1.0, org/name, v1.0", "org/name@refs/pr/1, org/name, refs/pr/1", "org/name@user@x, org/name, user@x"
    })
    void anIdMayNameARevision(String text, String name, String revision) {
        assertThat(ModelId.find(text)).contains(new ModelId(name, revision));
        assertThat(ModelId.find(text).orElseThrow()).hasToString(text);
    }
}
