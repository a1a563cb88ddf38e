package org.jformers.model.auto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jformers.model.Config;
import org.jformers.model.Model;
import org.jformers.model.ModelCost;
import org.jformers.model.Task;
import org.jformers.tensor.Device;

/**
 * A model by the shape that its paper gives, and the size that it names. Some are of families that are not here; theirs
 * is the shape of a family that has the same matrices.
 *
 * @param name its name
 * @param published the number of parameters as the paper has it, such as {@code 65M}
 * @param paper where it stands
 * @param task what its head is for
 * @param config its configuration
 */
public record PublishedSize(String name, String published, String paper, Task task, Config config) {
    private static final String FILE = "/org/jformers/model/sizes.json";

    /** All of them. */
    public static List<PublishedSize> all() {
        try (InputStream in = Objects.requireNonNull(PublishedSize.class.getResourceAsStream(FILE), FILE)) {
            List<PublishedSize> all = new ArrayList<>();
            for (JsonNode row : new JsonMapper().readTree(in)) {
                String name = row.path("name").asText();
                all.add(new PublishedSize(name, row.path("published").asText(), row.path("paper").asText(),
                        Task.valueOf(row.path("task").asText().toUpperCase(Locale.ROOT)),
                        AutoConfig.parse(row.path("config"), name)));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }

    /** The one of that name. */
    public static Optional<PublishedSize> of(String name) {
        return all().stream().filter(size -> size.name.equals(name)).findFirst();
    }

    /** The published number. */
    public double parameters() {
        double number = Double.parseDouble(published.substring(0, published.length() - 1));
        return number * (published.endsWith("B") ? 1e9 : 1e6);
    }

    /** What the model costs, by its configuration. */
    public ModelCost cost() {
        return cost(config, task);
    }

    /** What a model of a configuration costs; none is made in memory. */
    public static ModelCost cost(Config config, Task task) {
        return Device.META.making(() -> {
            try (Model model = AutoModel.create(config, task, 0)) {
                return ModelCost.of(model);
            }
        });
    }
}
