package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EnvironmentProxyTest {
    private static final URI HUB = URI.create("https://hub.example/x");

    private static List<Proxy> select(URI address, Map<String, String> environment) {
        return new EnvironmentProxy(environment).select(address);
    }

    private static Proxy at(String host, int port) {
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port));
    }

    @Test
    void goesByTheSchemeOfTheAddress() {
        var environment = Map.of("HTTPS_PROXY", "http://secure:3128", "http_proxy", "plain:80");
        assertThat(select(HUB, environment)).containsExactly(at("secure", 3128));
        assertThat(select(URI.create("http://hub.example"), environment)).containsExactly(at("plain", 80));
        assertThat(select(HUB, Map.of("ALL_PROXY", "http://any:1"))).containsExactly(at("any", 1));
        assertThat(select(HUB, Map.of())).isEqualTo(ProxySelector.getDefault().select(HUB));
    }

    @ParameterizedTest
    @CsvSource({
        "hub.example, true", "'other, .example', true", "*.example, true", "example, true", "*, true",
        "ub.example, false", "'', false"
    })
    void leavesExceptedHostsAlone(String except, boolean excepted) {
        assertThat(select(HUB, Map.of("https_proxy", "http://p:1", "no_proxy", except)))
                .containsExactly(excepted ? Proxy.NO_PROXY : at("p", 1));
    }

    @Test
    void reachesThisMachineDirectly() {
        for (String address : List.of("http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x")) {
            assertThat(select(URI.create(address), Map.of("http_proxy", "p:1"))).containsExactly(Proxy.NO_PROXY);
        }
    }

    @Test
    void refusesWhatItCannotUseWithoutRepeatingPasswords() {
        for (String proxy : List.of("http://me:secret@p:1", "socks5://me:secret@p:1", "http://me:sec ret@p")) {
            assertThatThrownBy(() -> select(HUB, Map.of("https_proxy", proxy))).isInstanceOf(HubException.class)
                    .hasMessageContaining("proxy").hasMessageNotContaining("sec");
        }
    }
}
