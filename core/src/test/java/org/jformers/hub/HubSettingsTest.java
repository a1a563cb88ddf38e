package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jformers.hub.HubSettings.Access;
import org.jformers.hub.HubSettings.Links;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The environment variables of huggingface_hub, as it reads them. */
final class HubSettingsTest {
    @TempDir
    private Path home;

    private HubSettings settings(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return HubSettings.fromEnvironment(environment, home);
    }

    @Test
    void hasPythonsDefaults() {
        HubSettings settings = settings();
        assertThat(settings.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(settings.endpoint()).hasToString("https://huggingface.co");
        assertThat(settings.token()).isEmpty();
        assertThat(settings.access()).isEqualTo(Access.ONLINE);
        assertThat(settings.links()).isEqualTo(Links.SYMBOLIC);
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void theNearestVariableNamesTheCache() {
        assertThat(settings("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x", "HF_HOME", "/h").cache()).isEqualTo(Path.of("/h/hub"));
        assertThat(settings("HF_HOME", "~/h").cache()).isEqualTo(home.resolve("h/hub"));
        assertThat(settings("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old").cache()).isEqualTo(Path.of("/old"));
        assertThat(settings("HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/c").cache()).isEqualTo(Path.of("/c"));
    }

    @ParameterizedTest
    @CsvSource({"1,OFFLINE", "true,OFFLINE", "ON,OFFLINE", "yes,OFFLINE", "0,ONLINE", "no,ONLINE", "'',ONLINE"})
    void readsTheOfflineSwitch(String value, Access access) {
        assertThat(settings("HF_HUB_OFFLINE", value).access()).isEqualTo(access);
        assertThat(settings("TRANSFORMERS_OFFLINE", value).access()).isEqualTo(access);
    }

    @Test
    void findsTheToken() throws IOException {
        Path file = home.resolve("h/token");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "hf_file\n");
        String folder = file.getParent().toString();
        assertThat(settings("HF_HOME", folder).token()).contains("hf_file");
        assertThat(settings("HF_TOKEN_PATH", file.toString()).token()).contains("hf_file");
        assertThat(settings("HF_HOME", folder, "HF_TOKEN", " hf_direct ").token()).contains("hf_direct");
        assertThat(settings("HF_TOKEN", "hf_direct", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token()).isEmpty();
        assertThat(settings("HF_TOKEN", "hf_direct").toString()).doesNotContain("hf_direct").contains("token=set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.example", "ftp://hub.example", "https://", "https://hub.example/?x=1", "ht tp://x"})
    void refusesEndpointsThatAreNoAddress(String endpoint) {
        assertThatThrownBy(() -> settings("HF_ENDPOINT", endpoint)).isInstanceOf(HubException.class)
                .hasMessageContaining("HF_ENDPOINT");
        assertThat(settings("HF_ENDPOINT", "https://hub.example/mirror//").endpoint())
                .hasToString("https://hub.example/mirror");
    }

    @Test
    void refusesATimeoutThatIsNoNumber() {
        assertThatThrownBy(() -> settings("HF_HUB_DOWNLOAD_TIMEOUT", "soon")).isInstanceOf(HubException.class)
                .hasMessageContaining("HF_HUB_DOWNLOAD_TIMEOUT: got 'soon'");
        assertThat(settings("HF_HUB_DOWNLOAD_TIMEOUT", "30").timeout()).isEqualTo(Duration.ofSeconds(30));
    }
}
