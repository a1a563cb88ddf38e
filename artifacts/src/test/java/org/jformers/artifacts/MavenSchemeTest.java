package org.jformers.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractStringAssert;
import org.jformers.hub.HubException;
import org.jformers.hub.HubSettings.Access;
import org.jformers.hub.ModelCache;
import org.jformers.hub.TransferListener;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.family.Gpt2;
import org.jformers.testkit.Fixtures;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/** Models as Maven artifacts, out of a repository in a folder, with settings and a local repository of their own. */
final class MavenSchemeTest {
    @TempDir
    private Path folder;

    private Path repository;

    /** Settings under which a repository in a folder stands for all others. */
    @BeforeEach
    void mirror() throws IOException {
        repository = Files.createDirectories(folder.resolve("repository"));
        settings("<mirrors><mirror><id>mine</id><mirrorOf>*</mirrorOf><url>" + repository.toUri()
                + "</url></mirror></mirrors>");
    }

    private void settings(String content) throws IOException {
        Files.writeString(folder.resolve("settings.xml"), "<settings>" + content + "</settings>");
    }

    private Path fetch(String place, Access access, TransferListener listener) {
        MavenPlaces places = new MavenPlaces(folder.resolve("settings.xml"), Optional.empty(),
                folder.resolve("settings-security.xml"), folder.resolve("local"), Optional.empty(), access);
        return new MavenScheme(() -> places, () -> new ModelCache(folder.resolve("cache")))
                .folder(place, access, listener);
    }

    private Path fetch(String place) {
        return fetch(place, Access.ONLINE, TransferListener.NONE);
    }

    private AbstractStringAssert<?> refusal(String place) {
        return assertThatThrownBy(() -> fetch(place)).isInstanceOf(HubException.class).message().hasLineCount(1)
                .contains(place);
    }

    private static void requireTiny(Path model) throws IOException {
        assertThat(AutoConfig.load(model)).isInstanceOf(Gpt2.Config.class);
        assertThat(model.resolve("model.safetensors"))
                .hasSameBinaryContentAs(Fixtures.folder("models/gpt2-lm").resolve("model.safetensors"));
    }

    @Test
    void aModelIsFetchedOnceAndThenUsedOffline() throws IOException {
        Jars.deploy(repository, "tiny", Jars.model("models/tiny/"));
        List<String> heard = new ArrayList<>();
        Path model = fetch("org.tiny:tiny:1.0", Access.ONLINE, (file, done, total) -> {
            assertThat(done).isPositive().isLessThanOrEqualTo(total);
            heard.add(file);
        });
        assertThat(heard).isNotEmpty().containsOnly("tiny-1.0.jar");
        assertThat(model).startsWith(folder.resolve("cache/org.tiny--tiny--1.0"));
        requireTiny(model);

        Files.delete(repository.resolve("org/tiny/tiny/1.0/tiny-1.0.jar"));
        assertThat(fetch("org.tiny:tiny:1.0", Access.OFFLINE, TransferListener.NONE)).isEqualTo(model);
    }

    @Test
    void aModelAtTheTopOfAJarComesWithoutWhatMakesItAJar() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>(Jars.model(""));
        entries.put("META-INF/MANIFEST.MF", Jars.text("Manifest-Version: 1.0\n"));
        entries.put("org/tiny/Evil.class", Jars.text("bytes"));
        entries.put("1_Pooling/config.json", Jars.text("{}"));
        Jars.deploy(repository, "tiny", entries);
        Path model = fetch("org.tiny:tiny:1.0");
        requireTiny(model);
        assertThat(model.resolve("1_Pooling/config.json")).exists();
        assertThat(model.resolve("META-INF")).doesNotExist();
        assertThat(model.resolve("org")).doesNotExist();
    }

    @Test
    void repositoriesOfActiveProfilesAreAskedAsWell() throws IOException {
        Jars.deploy(repository, "tiny", Jars.model("m/"));
        String repositories = "<repositories><repository><id>theirs</id><url>" + repository.toUri()
                + "</url></repository></repositories>";
        String nowhere = "<mirrors><mirror><id>empty</id><mirrorOf>central</mirrorOf><url>"
                + folder.resolve("empty").toUri() + "</url></mirror></mirrors>";
        settings(nowhere + "<profiles><profile><id>p</id>" + repositories + "</profile></profiles>");
        refusal("org.tiny:tiny:1.0").contains("Maven has no such artifact, asked empty");
        settings(nowhere + "<profiles><profile><id>p</id>" + repositories
                + "</profile></profiles><activeProfiles><activeProfile>p</activeProfile></activeProfiles>");
        requireTiny(fetch("org.tiny:tiny:1.0"));
    }

    @Test
    void theUserAndPasswordOfAServerAreSentThroughTheProxyThatIsNamed() throws Exception {
        Path jar = Jars.deploy(repository, "tiny", Jars.model("m/"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> hosts = new ArrayList<>();
        server.createContext("/", exchange -> {
            try (exchange) {
                hosts.add(exchange.getRequestHeaders().getFirst("Host"));
                String name = exchange.getRequestURI().getPath().replaceFirst(".*/", "");
                byte[] content = Files.readAllBytes(jar.resolveSibling(name));
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        }).setAuthenticator(new BasicAuthenticator("repository") {
            @Override
            public boolean checkCredentials(String user, String password) {
                return user.equals("me") && password.equals("secret");
            }
        });
        server.start();
        try {
            String mirror = "<mirrors><mirror><id>closed</id><mirrorOf>*</mirrorOf>"
                    + "<url>http://127.0.0.1:9/repository</url></mirror></mirrors><proxies><proxy><active>true</active>"
                    + "<protocol>http</protocol><host>127.0.0.1</host><port>" + server.getAddress().getPort()
                    + "</port></proxy></proxies>";
            settings(mirror);
            refusal("org.tiny:tiny:1.0").contains("401").doesNotContain("secret");
            settings(mirror + "<servers><server><id>closed</id><username>me</username><password>"
                    + encrypted("secret") + "</password></server></servers>");
            requireTiny(fetch("org.tiny:tiny:1.0"));
            assertThat(hosts).contains("127.0.0.1:9");
        } finally {
            server.stop(0);
        }
    }

    /** A password as {@code mvn --encrypt-password} prints it; the master password is put beside the settings. */
    private String encrypted(String password) throws Exception {
        DefaultPlexusCipher cipher = new DefaultPlexusCipher();
        Files.writeString(folder.resolve("settings-security.xml"), "<settingsSecurity><master>"
                + cipher.encryptAndDecorate("master", DefaultSecDispatcher.SYSTEM_PROPERTY_SEC_LOCATION)
                + "</master></settingsSecurity>");
        return cipher.encryptAndDecorate(password, "master");
    }

    @Test
    void addressesWithoutEncryptionAreBlocked() throws IOException {
        settings("<profiles><profile><id>p</id><activation><activeByDefault>true</activeByDefault></activation>"
                + "<repositories><repository><id>open</id><url>http://open.invalid/</url></repository></repositories>"
                + "</profile></profiles><mirrors><mirror><id>empty</id><mirrorOf>central</mirrorOf><url>"
                + folder.resolve("empty").toUri() + "</url></mirror></mirrors>");
        refusal("org.tiny:tiny:1.0").contains("locked").contains("open.invalid");
    }

    @Test
    void whatMavenDoesNotHaveIsSaid() {
        refusal("org.tiny:none:1.0").isEqualTo("model mvn:org.tiny:none:1.0: Maven has no such artifact, asked mine");
    }

    @Test
    void offlineNothingIsFetched() throws IOException {
        Jars.deploy(repository, "tiny", Jars.model("m/"));
        assertThatThrownBy(() -> fetch("org.tiny:tiny:1.0", Access.OFFLINE, TransferListener.NONE))
                .isInstanceOf(HubException.class).message().hasLineCount(1)
                .contains("mvn:org.tiny:tiny:1.0", folder.resolve("local").toString(), "HF_HUB_OFFLINE");
        settings("<offline>true</offline>");
        refusal("org.tiny:tiny:1.0").contains("offline mode");
    }

    @Test
    void checksumsMustBeThereAndRight() throws IOException {
        Path jar = Jars.deploy(repository, "tiny", Jars.model("m/"));
        Files.writeString(Path.of(jar + ".sha1"), "0".repeat(40));
        refusal("org.tiny:tiny:1.0").containsIgnoringCase("checksum");
        Files.delete(Path.of(jar + ".sha1"));
        refusal("org.tiny:tiny:1.0").containsIgnoringCase("checksum");
        assertThat(folder.resolve("local/org/tiny/tiny/1.0/tiny-1.0.jar")).doesNotExist();
    }

    @Test
    void settingsThatCannotBeReadAreSaid() throws IOException {
        Files.writeString(folder.resolve("settings.xml"), "<settings><mirrors>");
        assertThatThrownBy(() -> fetch("org.tiny:tiny:1.0")).isInstanceOf(HubException.class).message()
                .hasLineCount(1).contains("settings of Maven", "settings.xml");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "org.tiny:tiny | mvn:group:artifact:version", "org.tiny | mvn:group:artifact:version",
        "org.tiny:tiny:jar:1.0 | mvn:group:artifact:version", "org.tiny::1.0 | mvn:group:artifact:version",
        "org.tiny:../x:1.0 | letters", "org.tiny:tiny:.. | letters", "org/tiny:tiny:1.0 | letters",
        "org..tiny:tiny:1.0 | letters", "org.tiny:tiny:1.0-SNAPSHOT | a snapshot changes",
        "org.tiny:tiny:[1.0,2.0) | no range", "org.tiny:tiny:(,1.0] | no range", "org.tiny:tiny:LATEST | no range",
        "org.tiny:tiny:RELEASE | no range", "org.tiny:tiny:1 0 | letters"
    })
    void badCoordinatesAreRefusedByName(String place, String allowed) {
        refusal(place).contains("allowed").contains(allowed);
        assertThat(folder.resolve("local")).doesNotExist();
    }
}
