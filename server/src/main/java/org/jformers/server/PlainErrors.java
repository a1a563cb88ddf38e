package org.jformers.server;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** What goes wrong before a route is reached, in the form of all other errors, and quoting nothing. */
final class PlainErrors extends ErrorHandler {
    /** Statuses of requests that no route answers. */
    static final Map<Integer, ApiException.Kind> STATUSES = Map.of(
            404, ApiException.Kind.NO_ROUTE, 405, ApiException.Kind.NO_ROUTE);

    static String message(ApiException.Kind kind) {
        return kind == ApiException.Kind.NO_ROUTE
                ? "url: got a path or a method that is not there"
                : "request: got one that is no HTTP, or has headers that are too large";
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        ApiException.Kind kind = status >= 500 ? ApiException.Kind.FAILED
                : STATUSES.getOrDefault(status, ApiException.Kind.INVALID);
        byte[] body = Door.body(kind, message(kind), Optional.empty()).toString().getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, BufferUtil.toBuffer(body), callback);
        return true;
    }
}
