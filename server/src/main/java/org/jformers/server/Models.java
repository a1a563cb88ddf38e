package org.jformers.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jformers.JformersException;
import org.jformers.VisibleText;

/** The models that are served, by name. They come and go while others serve. */
final class Models implements AutoCloseable {
    private static final int SHOWN = 80;

    private final Map<String, ServedModel> models = new ConcurrentSkipListMap<>();

    /**
     * A model in use, which stays until this is closed.
     *
     * @param adapter of it that was asked for; empty for none
     */
    record Lease(ServedModel model, String adapter) implements AutoCloseable {
        /** What writes. */
        ServedText text() {
            return model.text(adapter).orElseThrow(() -> new ApiException(ApiException.Kind.INVALID, "model",
                    "model: got one for " + model.task() + ", allowed one that writes text"));
        }

        @Override
        public void close() {
            model.leave();
        }
    }

    /** Adds a model that was loaded. */
    void add(ServedModel model) {
        if (models.putIfAbsent(model.name(), model) != null) {
            model.close();
            throw new JformersException("model: got " + model.name() + " a second time, allowed once");
        }
    }

    /**
     * Takes a model away, and frees it when those who use it are done.
     *
     * @param longest how long they may take
     */
    void remove(String name, Duration longest) {
        ServedModel model = Optional.ofNullable(models.remove(name)).orElseThrow(() -> unknown(name));
        model.drain(longest);
        model.close();
    }

    /** The model of a name, {@code model} or {@code model:adapter}; without one, the only model that there is. */
    Lease lease(Optional<String> wanted) {
        String name = wanted.orElseGet(this::only);
        ServedModel model = models.get(name);
        String adapter = "";
        int colon = name.lastIndexOf(':');
        if (model == null && colon > 0) {
            model = models.get(name.substring(0, colon));
            adapter = name.substring(colon + 1);
        }
        if (model == null || model.adapters().stream().noneMatch(adapter::equals) && !adapter.isEmpty()
                || !model.enter()) {
            throw unknown(name);
        }
        return new Lease(model, adapter);
    }

    private String only() {
        if (models.size() != 1) {
            throw new ApiException(ApiException.Kind.INVALID, "model", "model: got none, allowed " + names());
        }
        return models.keySet().iterator().next();
    }

    private static ApiException unknown(String name) {
        return new ApiException(ApiException.Kind.NO_MODEL, "model", "model: got "
                + VisibleText.line(name.length() > SHOWN ? name.substring(0, SHOWN) : name)
                + ", which is not served; /v1/models lists those that are");
    }

    /** All names that can be asked for. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        models.values().forEach(model -> {
            names.add(model.name());
            model.adapters().forEach(adapter -> names.add(model.name() + ":" + adapter));
        });
        return names;
    }

    List<ServedModel> all() {
        return List.copyOf(models.values());
    }

    @Override
    public void close() {
        all().forEach(model -> remove(model.name(), Duration.ZERO));
    }
}
