package org.jformers.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A model with a short name, out of the list {@code models.json} beside this class.
 *
 * @param name what a user writes
 * @param place where it comes from, as {@link ModelSource} takes it
 * @param licence its licence, by the SPDX identifier
 * @param bytes of the download
 * @param parameters how many numbers it has
 * @param description what it is, in one line
 */
public record KnownModel(
        String name, String place, String licence, long bytes, long parameters, String description) {

    /** All of the list, in its order. */
    public static List<KnownModel> all() {
        return Listed.MODELS;
    }

    /** The model of a short name. */
    static Optional<KnownModel> find(String name) {
        return all().stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /** Read when first asked for. */
    private static final class Listed {
        static final List<KnownModel> MODELS = read();

        private static List<KnownModel> read() {
            List<KnownModel> models = new ArrayList<>();
            try (InputStream list = KnownModel.class.getResourceAsStream("models.json")) {
                for (JsonNode model : new JsonMapper().readTree(list)) {
                    models.add(new KnownModel(
                            model.required("name").textValue(), model.required("place").textValue(),
                            model.required("licence").textValue(), model.required("bytes").longValue(),
                            model.required("parameters").longValue(), model.required("description").textValue()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return List.copyOf(models);
        }
    }
}
