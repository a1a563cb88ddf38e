package org.jformers.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The proxy that {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY} name, in capitals or
 * small letters; without them, the one of the JVM's system properties. This machine itself needs none.
 */
final class EnvironmentProxy extends ProxySelector {
    private final Map<String, String> environment;

    EnvironmentProxy(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI address) {
        String own = variable(address.getScheme() + "_proxy");
        String proxy = own.isEmpty() ? variable("all_proxy") : own;
        if (proxy.isEmpty()) {
            return ProxySelector.getDefault().select(address);
        }
        return isExcepted(address.getHost()) ? List.of(Proxy.NO_PROXY) : List.of(parse(proxy));
    }

    private static Proxy parse(String text) {
        URI proxy;
        try {
            proxy = URI.create(text.contains("://") ? text : "http://" + text);
        } catch (IllegalArgumentException e) {
            throw new HubException("proxy: the environment's value is no address", e); // it may hold a password
        }
        if (!"http".equals(proxy.getScheme()) || proxy.getHost() == null || proxy.getUserInfo() != null) {
            throw new HubException(
                    "proxy: allowed is http://host:port without a password in the environment's variable");
        }
        int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port));
    }

    private boolean isExcepted(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.startsWith("127.") || name.equals("[::1]")) {
            return true;
        }
        for (String entry : variable("no_proxy").toLowerCase(Locale.ROOT).split("[\\s,]+")) {
            String bare = entry.replaceFirst("^\\*?\\.", "");
            if (entry.equals("*") || !bare.isEmpty() && (name.equals(bare) || name.endsWith("." + bare))) {
                return true;
            }
        }
        return false;
    }

    private String variable(String name) {
        String small = environment.getOrDefault(name, "").strip();
        return small.isEmpty() ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "").strip() : small;
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
        // The request fails, and says so.
    }
}
