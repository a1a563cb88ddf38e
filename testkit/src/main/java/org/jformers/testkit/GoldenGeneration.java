package org.jformers.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.family.Vaswani;
import org.jformers.model.family.Whisper;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.GoldenModel.Generation;

/** Generates as one record of a golden file says, and compares ids and scores. */
final class GoldenGeneration {
    private static final String FILE = "generation_config.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final GoldenModel golden;
    private final Model model;
    private final Generation record;

    GoldenGeneration(GoldenModel golden, Model model, Generation record) {
        this.golden = golden;
        this.model = model;
        this.record = record;
    }

    Check run() {
        String name = "generation " + record.name();
        ObjectNode settings = settings();
        Map<String, Tensor> given = inputs();
        Optional<String> lacking = lacking(settings, given);
        if (lacking.isPresent()) {
            return Check.unsupported(name, lacking.get());
        }
        GenerationConfig config = merged(settings);
        ModelInputs inputs = ModelInputs.of(given);
        List<List<Continuation>> perPrompt = new Generator(model).generate(inputs, config, Controls.NONE);
        List<List<Long>> starts = starts(inputs, config, perPrompt.size());
        int longest = perPrompt.stream().flatMap(List::stream).mapToInt(one -> shown(one).length).max().orElse(0);
        List<List<Long>> sequences = new ArrayList<>();
        List<OptionalDouble> scores = new ArrayList<>();
        for (int prompt = 0; prompt < perPrompt.size(); prompt++) {
            for (Continuation continuation : perPrompt.get(prompt)) {
                sequences.add(padded(starts.get(prompt), shown(continuation), longest, config));
                scores.add(continuation.score());
            }
        }
        return sequences.equals(record.sequences())
                ? compareScores(name, scores)
                : Check.failed(name, "got " + sequences + ", expected " + record.sequences());
    }

    private Check compareScores(String name, List<OptionalDouble> scores) {
        List<Double> expected = record.scores().orElse(List.of());
        double worst = 0;
        for (int row = 0; row < expected.size(); row++) {
            double got = scores.get(row).orElse(Double.NaN);
            if (!golden.tolerance().accepts(got, expected.get(row))) {
                return Check.failed(name, "score of row " + row + ": got " + got + ", expected " + expected.get(row));
            }
            worst = Math.max(worst, Tolerance.error(got, expected.get(row)));
        }
        String ids = record.sequences().size() + " rows equal";
        return Check.passed(name, expected.isEmpty()
                ? ids
                : String.format(Locale.ROOT, "%s, max error %.2g in their scores", ids, worst));
    }

    /** What the record says in the words of generation_config.json; the original Transformer's has words of its own. */
    private ObjectNode settings() {
        ObjectNode settings = (ObjectNode) record.settings().deepCopy();
        if (model.config() instanceof Vaswani.Config config) {
            settings.set("max_new_tokens", settings.remove("steps"));
            settings.set("suppress_tokens", settings.remove("never"));
            settings.put("decoder_start_token_id", config.bosId());
        }
        return settings;
    }

    private Map<String, Tensor> inputs() {
        Map<String, Tensor> given = new LinkedHashMap<>(golden.inputs(record.inputPrefix()));
        if (!(model.config() instanceof Vaswani.Config config)) {
            return given;
        }
        Tensor source = Objects.requireNonNull(given.get("src"));
        Tensor real = source.ne(new Scalar((long) config.padId())).to(ScalarType.Long);
        return Map.of("input_ids", source, "attention_mask", real);
    }

    private static Optional<String> lacking(ObjectNode settings, Map<String, Tensor> inputs) {
        List<String> known = Arrays.stream(GenerationConfig.class.getRecordComponents())
                .map(component -> new SnakeCaseStrategy().translate(component.getName()))
                .collect(Collectors.toList());
        Optional<String> setting = settings.properties().stream()
                .filter(entry -> !known.contains(entry.getKey()))
                .filter(entry -> !entry.getValue().isBoolean() || entry.getValue().booleanValue())
                .findFirst()
                .map(entry -> "setting " + entry.getKey());
        return setting.or(() -> inputs.keySet().stream()
                .filter(name -> !ModelInputs.NAMES.contains(name))
                .findFirst()
                .map(name -> "input " + name));
    }

    /** The folder's settings with those of the record on top. */
    private GenerationConfig merged(ObjectNode settings) {
        try (TemporaryFolder folder = new TemporaryFolder()) {
            Path own = golden.folder().resolve(FILE);
            ObjectNode all = Files.exists(own)
                    ? (ObjectNode) JSON.readTree(Files.readString(own))
                    : JSON.createObjectNode();
            Files.writeString(folder.path().resolve(FILE), all.setAll(settings).toString());
            return GenerationConfig.load(folder.path());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ids as the library returns them: Whisper's without the end token. */
    private int[] shown(Continuation continuation) {
        int[] ids = continuation.ids();
        boolean cut = model.config() instanceof Whisper.Config && continuation.complete();
        return cut ? Arrays.copyOf(ids, ids.length - 1) : ids;
    }

    /** What the sequences begin with: the prompts, or the token that an encoder-decoder begins with. */
    private List<List<Long>> starts(ModelInputs inputs, GenerationConfig config, int prompts) {
        String name = model instanceof Seq2SeqModel ? "decoder_input_ids" : "input_ids";
        Optional<Tensor> ids_BT = inputs.find(name);
        if (ids_BT.isEmpty()) {
            long start = config.decoderStartTokenId().orElseGet(() -> config.bosTokenId().orElseThrow());
            return Collections.nCopies(prompts, List.of(start));
        }
        List<List<Long>> rows = new ArrayList<>();
        for (long row = 0; row < prompts; row++) {
            rows.add(Arrays.stream(Tensors.toLongs(ids_BT.get().select(0, row))).boxed().toList());
        }
        return rows;
    }

    /** A sequence as the library returns it: shorter ones are filled up at the end. */
    private static List<Long> padded(List<Long> start, int[] ids, int longest, GenerationConfig config) {
        int end = config.eosTokenId().isEmpty() ? 0 : config.eosTokenId().get(0);
        int padding = config.padTokenId().orElse(end);
        if (padding == 0 && config.numBeams() > 1) {
            padding = end; // the library's beam search takes 0 for none
        }
        List<Long> sequence = new ArrayList<>(start);
        for (int i = 0; i < longest; i++) {
            sequence.add((long) (i < ids.length ? ids[i] : padding));
        }
        return sequence;
    }
}
