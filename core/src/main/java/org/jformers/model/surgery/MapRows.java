package org.jformers.model.surgery;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.Model;
import org.jformers.nn.Linear;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * A linear map of a checkpoint as rows of one of a model's: all of them, or some where several are computed as one.
 *
 * @param path where the model's map is
 * @param first the first row
 * @param count number of rows
 * @param out number of rows of the model's map
 * @param in width of the input
 * @param transposed whether checkpoints have its matrix as [in, out]
 */
record MapRows(String path, long first, long count, long out, long in, boolean transposed) {
    private static final String WEIGHT = ".weight";

    /** All linear maps of a model, by the names of modules in checkpoints; none whose matrix is another module's. */
    static Map<String, MapRows> all(Model model) {
        Map<String, MapRows> all = new LinkedHashMap<>();
        Map<String, Tensor> parameters = model.network().tensors();
        model.network().linears().forEach((path, map) -> {
            if (parameters.containsKey(path + WEIGHT)) { // tables that are shared are other modules' matrices
                Scopes.run(() -> all.putAll(of(model, path, map)));
            }
        });
        return all;
    }

    /** Which rows a checkpoint's matrices are, told by storing the numbers of rows. */
    private static Map<String, MapRows> of(Model model, String path, Linear map) {
        long rows = map.weight().size(0);
        long columns = map.weight().size(1);
        Map<String, Tensor> numbered;
        try {
            numbered = model.named(Map.of(
                    path + WEIGHT, Tensors.range(0, rows).unsqueeze(1).expand(rows, columns)));
        } catch (CheckpointException e) {
            return Map.of(); // stored with others as one
        }
        Map<String, MapRows> found = new LinkedHashMap<>();
        numbered.forEach((name, row) -> {
            if (row.dim() != 2 || !name.endsWith(WEIGHT)) {
                return;
            }
            boolean transposed = row.size(0) > 1 && row.select(0, 0).equal(row.select(0, 1))
                    && row.size(1) != 1;
            Tensor first = transposed ? row.select(0, 0) : row.select(1, 0);
            long begin = first.select(0, 0).item_long();
            long count = first.size(0);
            if (first.equal(Tensors.range(begin, begin + count))) {
                found.put(name.substring(0, name.length() - WEIGHT.length()),
                        new MapRows(path, begin, count, rows, columns, transposed));
            }
        });
        return found;
    }
}
