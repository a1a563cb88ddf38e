package org.jformers.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jformers.model.ModelFamily;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.model.convert.ModelConversion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jformers families}: which models there are, as the table that stands in README. */
@Command(
        name = "families",
        description = "Print the families as a table: model_type, architectures, and what checkpoints are read from.")
final class FamiliesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        table().forEach(spec.commandLine().getOut()::println);
    }

    /** The lines of the table in Markdown. */
    static List<String> table() {
        List<String> lines =
                new ArrayList<>(List.of("| `model_type` | Architectures | Checkpoints |", "|---|---|---|"));
        for (ModelFamily<?> family : ModelFamilies.builtIn()) {
            List<String> forms = new ArrayList<>(List.of("safetensors", ".bin"));
            if (AutoConfig.readsGguf(family.modelType())) {
                forms.add("GGUF");
            }
            forms.addAll(ModelConversion.formats(family.modelType()));
            lines.add("| `" + family.modelType() + "` | `"
                    + String.join("`, `", new TreeSet<>(family.architectures().keySet())) + "` | "
                    + String.join(", ", forms) + " |");
        }
        return lines;
    }
}
