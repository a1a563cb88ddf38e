package org.jformers.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.surgery.Lora;
import org.jformers.objective.Classification;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.optim.Adam;
import org.jformers.optim.Schedule;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.training.TrainedModel;
import org.jformers.training.TrainingLoop;
import org.jformers.training.TrainingProgress;
import org.jformers.training.TrainingSettings;

/**
 * Trains models whole and with adapters, saves them, and writes what they answer. bench/saved-agreement.sh compares
 * that with what Python answers from the saved folders.
 *
 * <p>Arguments: a folder to write, and folders of further encoders to put heads on. Below the folder, for each model:
 * {@code base}, {@code whole}, {@code adapter}, {@code merged}, and {@code answers.safetensors} with the inputs and,
 * under the name of each but the first, the scores.
 */
public final class SavedAgreement {
    private static final int STEPS = 10;
    private static final Map<String, Task> ENCODERS = Map.of(
            "classes", Task.SEQUENCE_CLASSIFICATION, "number", Task.SEQUENCE_CLASSIFICATION,
            "relevance", Task.SEQUENCE_CLASSIFICATION, "tags", Task.TOKEN_CLASSIFICATION,
            "answers", Task.QUESTION_ANSWERING, "choices", Task.MULTIPLE_CHOICE);
    private static final int CHOICES = 4;
    private static final String SMALL = """
            "vocab_size": 500, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
            "intermediate_size": 150, "max_position_embeddings": 40, "pad_token_id": 1}""";
    private static final String BERT = "{\"model_type\": \"bert\", " + SMALL;
    private static final String ROBERTA = "{\"model_type\": \"roberta\", \"type_vocab_size\": 1, " + SMALL;
    private static final String ALBERT = "{\"model_type\": \"albert\", \"embedding_size\": 32, " + SMALL;
    private static final String ELECTRA = "{\"model_type\": \"electra\", \"embedding_size\": 32, " + SMALL;
    private static final String DEBERTA = """
            {"model_type": "deberta-v2", "relative_attention": true, "position_buckets": 8, "pooler_hidden_size": 64,
             "norm_rel_ebd": "layer_norm", "share_att_key": true, "pos_att_type": ["p2c", "c2p"],
             "position_biased_input": false, "type_vocab_size": 0, """ + SMALL;
    private static final String DISTILBERT = """
            {"model_type": "distilbert", "vocab_size": 500, "dim": 64, "n_layers": 3, "n_heads": 4, "hidden_dim": 150,
             "max_position_embeddings": 40, "pad_token_id": 1}""";
    private static final String LLAMA =
            "{\"model_type\": \"llama\", \"num_key_value_heads\": 2, \"rms_norm_eps\": 1e-5, " + SMALL;
    private static final String GPT2 = """
            {"model_type": "gpt2", "vocab_size": 500, "n_embd": 64, "n_layer": 3, "n_head": 4, "n_positions": 40}""";

    private final Path folder;
    private final Batch batch;

    private SavedAgreement(Path folder, Batch batch) {
        this.folder = folder;
        this.batch = batch;
    }

    /** @param args the folder to write, and further folders of encoders */
    public static void main(String[] args) throws IOException {
        Path out = Path.of(args[0]);
        Map<String, String> encoders = Map.of("bert", BERT, "roberta", ROBERTA, "distilbert", DISTILBERT,
                "albert", ALBERT, "electra", ELECTRA, "deberta-v2", DEBERTA);
        for (String head : ENCODERS.keySet()) {
            for (Map.Entry<String, String> encoder : encoders.entrySet()) {
                Path base = out.resolve("bodies").resolve(encoder.getKey());
                create(encoder.getValue(), Task.BASE, base);
                withHead(out.resolve(encoder.getKey() + "-" + head), base, head);
            }
            for (String given : List.of(args).subList(1, args.length)) {
                Path base = Path.of(given);
                withHead(out.resolve(base.toRealPath().getFileName() + "-" + head), base, head);
            }
        }
        create(GPT2, Task.CAUSAL_LM, out.resolve("gpt2-words/base"));
        new SavedAgreement(out.resolve("gpt2-words"), batch("words")).run();
        create(LLAMA, Task.CAUSAL_LM, out.resolve("llama-words/base"));
        new SavedAgreement(out.resolve("llama-words"), batch("words")).run();
    }

    private static void create(String config, Task task, Path folder) throws IOException {
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree(config), "here"), task, 5)) {
            model.save(folder);
        }
    }

    /** Puts a new head on a pretrained body, as a fine-tuning does. */
    private static void withHead(Path folder, Path body, String head) {
        List<String> labels = switch (head) {
            case "number", "relevance" -> List.of("score");
            case "answers" -> List.of("start", "end"); // the reference has as many scores as labels
            default -> List.of("red", "green", "blue");
        };
        LoadRequest plain = LoadRequest.of(Objects.requireNonNull(ENCODERS.get(head)))
                .withLabels(labels).withMode(LoadMode.NEW_HEAD);
        LoadRequest request = head.equals("relevance")
                ? plain.withProblemType(ProblemType.MULTI_LABEL_CLASSIFICATION)
                : plain;
        try (Model model = AutoModel.load(body, request).model()) {
            model.save(folder.resolve("base"));
        }
        new SavedAgreement(folder, batch(head)).run();
    }

    private void run() {
        Map<String, float[]> answers = new LinkedHashMap<>();
        long[] shape;
        try (Model model = AutoModel.load(folder.resolve("base"))) {
            train(model);
            model.save(folder.resolve("whole"));
            shape = Scopes.get(() -> scores(model).shape());
            answers.put("whole", answer(model));
        }
        try (Model model = AutoModel.load(folder.resolve("base"))) {
            Lora lora = Lora.attach(model, new Lora.Spec(4, 8, 0.1, List.of(), false));
            train(model);
            lora.save(folder.resolve("adapter"), folder.resolve("base").toString());
            answers.put("adapter", answer(model));
        }
        try (Model model = AutoModel.load(folder.resolve("base"), folder.resolve("adapter"))) {
            model.save(folder.resolve("merged"));
            answers.put("merged", answer(model));
        }
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            inputs().forEach((name, longs) ->
                    tensors.put("in." + name, Tensors.ofLongs(longs.values(), longs.shape())));
            answers.forEach((name, values) -> tensors.put(name, Tensors.ofFloats(values, shape)));
            SafetensorsWriter.write(folder.resolve("answers.safetensors"), tensors);
        });
    }

    private void train(Model model) {
        Objective objective =
                model.identity().task() == Task.CAUSAL_LM ? new NextToken(model) : new Classification(model);
        try (Adam adam = new Adam(
                new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.999, 1e-8, 0.01), model.network().parameters())) {
            new TrainingLoop(
                            new TrainingLoop.Parts(
                                    new TrainedModel(model), objective, adam, new Schedule.Constant(3e-3)),
                            Stream.generate(() -> batch).iterator(),
                            new TrainingSettings(STEPS, Duration.ZERO, 1, 1, Precision.FLOAT32), List.of(),
                            TrainingProgress.START)
                    .run();
        }
    }

    private Tensor scores(Model model) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        inputs().forEach((name, longs) -> tensors.put(name, Tensors.ofLongs(longs.values(), longs.shape())));
        ModelOutput output = model.forward(ModelInputs.of(tensors));
        return model.identity().task() == Task.QUESTION_ANSWERING
                ? Tensors.stack(-1, output.get("start_logits"), output.get("end_logits"))
                : output.logits();
    }

    private float[] answer(Model model) {
        try (NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> Tensors.toFloats(scores(model)));
        }
    }

    private Map<String, Batch.Longs> inputs() {
        return Map.of("input_ids", batch.longs("input_ids"), "attention_mask", batch.longs("attention_mask"));
    }

    /** Eight rows of unequal length with labels of the kind. */
    private static Batch batch(String head) {
        Random random = new Random(head.hashCode());
        int rows = 8;
        int length = 24;
        int[] lengths = IntStream.range(0, rows)
                .map(row -> row == 0 ? length : 3 + random.nextInt(length - 3)).toArray();
        boolean[] real = new boolean[rows * length];
        long[] ids = new long[rows * length];
        for (int at = 0; at < ids.length; at++) {
            real[at] = at % length < lengths[at / length];
            ids[at] = real[at] ? 5 + random.nextInt(495) : 1;
        }
        long[] mask = IntStream.range(0, ids.length).mapToLong(at -> real[at] ? 1 : 0).toArray();
        long[] none = LongStream.generate(() -> Batch.IGNORED_LABEL).limit(ids.length).toArray();
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(ids, rows, length));
        fields.put("attention_mask", new Batch.Longs(mask, rows, length));
        long labels = rows;
        switch (head) {
            case "number" -> {
                float[] numbers = new float[rows];
                IntStream.range(0, rows).forEach(row -> numbers[row] = (float) random.nextGaussian());
                fields.put("labels", new Batch.Floats(numbers, rows));
            }
            case "relevance" -> {
                float[] shares = new float[rows];
                IntStream.range(0, rows).forEach(row -> shares[row] = random.nextInt(5) / 4f);
                fields.put("labels", new Batch.Floats(shares, rows, 1));
            }
            case "answers" -> {
                long[] starts = IntStream.range(0, rows).mapToLong(row -> random.nextInt(lengths[row])).toArray();
                long[] ends = IntStream.range(0, rows)
                        .mapToLong(row -> starts[row] + random.nextInt(lengths[row] - (int) starts[row])).toArray();
                fields.put("start_positions", new Batch.Longs(starts, rows));
                fields.put("end_positions", new Batch.Longs(ends, rows));
            }
            case "choices" -> {
                labels = rows / CHOICES;
                fields.replaceAll((name, field) -> new Batch.Longs(
                        ((Batch.Longs) field).values(), rows / CHOICES, CHOICES, length));
                fields.put("labels", new Batch.Longs(random.longs(labels, 0, CHOICES).toArray(), labels));
            }
            case "classes" -> fields.put("labels", new Batch.Longs(random.longs(rows, 0, 3).toArray(), rows));
            default -> {
                labels = 0;
                for (int at = 0; at < ids.length; at++) {
                    boolean word = head.equals("words");
                    if (word ? at % length + 1 < lengths[at / length] : real[at]) {
                        none[at] = word ? ids[at + 1] : random.nextInt(3);
                        labels++;
                    }
                }
                fields.put("labels", new Batch.Longs(none, rows, length));
            }
        }
        return new Batch(fields, head.equals("choices") ? rows / CHOICES : rows, labels, 1);
    }
}
