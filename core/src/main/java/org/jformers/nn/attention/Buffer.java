package org.jformers.nn.attention;

import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.jspecify.annotations.Nullable;

/**
 * Room for tokens along the third dimension of [1, G, R, D], which grows. Owns its memory until closed.
 */
final class Buffer implements AutoCloseable {
    private @Nullable Tensor all_1GRD;

    /** Room for tokens; 0 while nothing was put. */
    long room() {
        return all_1GRD == null ? 0 : all_1GRD.size(2);
    }

    /** Makes room, keeping some tokens, which come first then. */
    void resize(Tensor like_1GTD, long room, long from, long kept) {
        Tensor larger = CacheRoom.of(like_1GTD, 1, like_1GTD.size(1), room, like_1GTD.size(3));
        Tensor old_1GRD = all_1GRD;
        if (old_1GRD != null) {
            if (kept > 0) {
                Scopes.run(() -> larger.narrow(2, 0, kept).copy_(old_1GRD.narrow(2, from, kept)));
            }
            old_1GRD.close();
        }
        all_1GRD = larger;
    }

    /** Writes tokens from a place on. */
    void put(long place, Tensor new_1GTD) {
        all().narrow(2, place, new_1GTD.size(2)).copy_(new_1GTD);
    }

    private Tensor all() {
        return Objects.requireNonNull(all_1GRD, "there is room before the first token");
    }

    /** A view of tokens. */
    Tensor part(long from, long tokens) {
        return all().narrow(2, from, tokens);
    }

    /** A copy of tokens with room for more. */
    Buffer copy(long from, long tokens, long room) {
        Buffer other = new Buffer();
        if (all_1GRD != null) {
            Scopes.run(() -> {
                other.resize(all(), room, 0, 0);
                if (tokens > 0) {
                    other.put(0, part(from, tokens));
                }
            });
        }
        return other;
    }

    @Override
    public void close() {
        if (all_1GRD != null) {
            all_1GRD.close();
            all_1GRD = null;
        }
    }
}
