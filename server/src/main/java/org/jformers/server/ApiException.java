package org.jformers.server;

import java.util.Optional;
import org.jformers.JformersException;

/** What a client is told in place of an answer. */
final class ApiException extends JformersException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final transient Optional<String> field;

    /** What went wrong: its status, and its names in OpenAI's form of errors. */
    enum Kind {
        INVALID(400, "invalid_request_error", "invalid_value"),
        UNKNOWN_FIELD(400, "invalid_request_error", "unknown_field"),
        TOO_LONG(400, "invalid_request_error", "context_length_exceeded"),
        UNSUPPORTED(400, "invalid_request_error", "unsupported_value"),
        NO_KEY(401, "authentication_error", "invalid_api_key"),
        FORBIDDEN(403, "permission_error", "host_not_allowed"),
        NO_ROUTE(404, "invalid_request_error", "unknown_url"),
        NO_MODEL(404, "invalid_request_error", "model_not_found"),
        NO_DOCUMENT(404, "invalid_request_error", "document_not_found"),
        STALLED(408, "invalid_request_error", "request_timeout"),
        CHANGED(409, "invalid_request_error", "document_changed"),
        TOO_LARGE(413, "invalid_request_error", "request_too_large"),
        NOT_JSON(415, "invalid_request_error", "unsupported_media_type"),
        BUSY(429, "rate_limit_error", "rate_limit_exceeded"),
        SPENT(429, "tokens", "rate_limit_exceeded"),
        GONE(499, "client_error", "client_closed_request"),
        FAILED(500, "server_error", "internal_error"),
        ENDING(503, "server_error", "shutting_down"),
        TIMEOUT(504, "server_error", "timeout"),
        FULL(507, "server_error", "documents_full");

        private final int status;
        private final String type;
        private final String code;

        Kind(int status, String type, String code) {
            this.status = status;
            this.type = type;
            this.code = code;
        }

        int status() {
            return status;
        }

        String type() {
            return type;
        }

        String code() {
            return code;
        }

        /** Whether the same request may be fine later. */
        boolean passes() {
            return this == BUSY || this == SPENT || this == ENDING;
        }
    }

    ApiException(Kind kind, String message) {
        super(message);
        this.kind = kind;
        field = Optional.empty();
    }

    /** About a field of the request. */
    ApiException(Kind kind, String field, String message) {
        super(message);
        this.kind = kind;
        this.field = Optional.of(field);
    }

    Kind kind() {
        return kind;
    }

    Optional<String> field() {
        return field;
    }
}
