package org.jformers.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jformers.hub.HubException;
import org.jformers.hub.HubSettings.Access;
import org.jformers.hub.ModelCache;
import org.jformers.hub.ModelScheme;
import org.jformers.hub.TransferListener;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.family.Gpt2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model folders on the class path. */
final class ClassPathSchemeTest {
    @TempDir
    private Path folder;

    private Path find(String place, Path... classPath) throws IOException {
        URL[] urls = new URL[classPath.length];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = classPath[i].toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(urls, null)) {
            ModelScheme scheme = new ClassPathScheme(() -> loader, () -> new ModelCache(folder.resolve("cache")));
            return scheme.folder(place, Access.ONLINE, TransferListener.NONE);
        }
    }

    @Test
    void aFolderInAJarIsUnpackedByItsHash() throws IOException {
        Path jar = Jars.write(folder.resolve("a jar/x.jar"), Jars.model("models/tiny/"));
        Path model = find("models/tiny", jar);
        assertThat(AutoConfig.load(model)).isInstanceOf(Gpt2.Config.class);
        assertThat(model).startsWith(folder.resolve("cache/classpath"));
        assertThat(find("models/tiny", Files.copy(jar, folder.resolve("same.jar")))).isEqualTo(model);

        Map<String, byte[]> other = Jars.model("models/tiny/");
        other.put("models/tiny/more.txt", Jars.text("x"));
        assertThat(find("models/tiny", Jars.write(folder.resolve("other.jar"), other))).isNotEqualTo(model);
    }

    @Test
    void aFolderOfClassesIsUsedWhereItIs() throws IOException {
        Path model = Files.createDirectories(folder.resolve("classes/models/tiny"));
        Files.writeString(model.resolve("config.json"), "{}");
        assertThat(find("models/tiny", folder.resolve("classes"))).isEqualTo(model);
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    @Test
    void noneAndTwoAreOneLineEach() throws IOException {
        Path one = Jars.write(folder.resolve("1.jar"), Jars.model("m/"));
        Path two = Jars.write(folder.resolve("2.jar"), Jars.model("m/"));
        assertThatThrownBy(() -> find("none", one)).isInstanceOf(HubException.class).message().hasLineCount(1)
                .contains("classpath:none", "found 0 times");
        assertThatThrownBy(() -> find("m", one, two)).isInstanceOf(HubException.class).message().hasLineCount(1)
                .contains("classpath:m", "found 2 times");
        for (String bad : new String[] {"", "/m", "../m", "m/", "a/../m", "http://m"}) {
            assertThatThrownBy(() -> find(bad, one)).isInstanceOf(HubException.class)
                    .hasMessageContaining("stays inside");
        }
    }
}
