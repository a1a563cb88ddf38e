package org.jformers.tensor;

import java.util.Collection;
import java.util.Iterator;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Lifetimes of native objects. Everything that the engine makes inside a scope is freed when the scope ends; this class
 * is the only one that lets an object outlive its scope. See docs/memory.md.
 */
public final class Scopes {
    static {
        EngineStart.prepare();
    }

    private Scopes() {}

    /** Runs {@code body}, frees every native object it made, and hands its result to the enclosing scope. */
    public static <P extends Pointer> P scoped(Supplier<P> body) {
        try (PointerScope scope = new PointerScope()) {
            return release(body.get());
        }
    }

    /**
     * Runs {@code body}, frees every native object it made but the parts of its result, and hands those to the
     * enclosing scope. Without one they are left to the garbage collector, which is called now and then so that they do
     * not pile up.
     *
     * @param parts the native objects in a result
     */
    public static <T> T parts(Supplier<T> body, Function<T, Collection<Tensor>> parts) {
        try (PointerScope scope = new PointerScope()) {
            T result = body.get();
            boolean last = isLast();
            for (Tensor part : parts.apply(result)) {
                release(part);
                if (last) {
                    Unscoped.add(part.nbytes());
                }
            }
            return result;
        }
    }

    private static boolean isLast() {
        Iterator<PointerScope> scopes = PointerScope.getScopeIterator();
        scopes.next();
        return !scopes.hasNext();
    }

    /** Runs {@code body} and frees every native object it made. */
    public static void run(Runnable body) {
        try (PointerScope scope = new PointerScope()) {
            body.run();
        }
    }

    /** Runs {@code body}, frees every native object it made, and returns its result, which must not be native. */
    public static <T> T get(Supplier<T> body) {
        try (PointerScope scope = new PointerScope()) {
            return body.get();
        }
    }

    /** Hands {@code p} to the scope around the current one, so that it survives the end of the current scope. */
    public static <P extends Pointer> P release(P p) {
        Iterator<PointerScope> scopes = PointerScope.getScopeIterator();
        if (scopes.hasNext()) {
            scopes.next();
        }
        if (scopes.hasNext()) {
            scopes.next().attach(p);
        } else {
            p.retainReference();
        }
        return p;
    }

    /** Makes the caller the owner of {@code p}: it outlives every scope and must be closed. */
    public static <P extends Pointer> P keep(P p) {
        return p.retainReference();
    }
}
