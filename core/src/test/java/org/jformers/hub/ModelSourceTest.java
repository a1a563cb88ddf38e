package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
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
    @CsvSource({
        "org/name, org/name, main", "gpt2, gpt2, main", "Org-1/na.me_2, Org-1/na.me_2, main",
        "org/name@v1.0, org/name, v1.0", "org/name@refs/pr/1, org/name, refs/pr/1", "org/name@user@x, org/name, user@x"
    })
    void anIdMayNameARevision(String text, String name, String revision) {
        assertThat(ModelId.find(text)).contains(new ModelId(name, revision));
        assertThat(ModelId.find(text).orElseThrow()).hasToString(text);
    }
}
