package org.jformers.pipeline;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;

/**
 * Says which of any labels fits an image, by a model that knows which text belongs to which image. Owns its model. May
 * serve several threads.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/zero_shot_image_classification.py}.
 */
public final class ZeroShotImageClassification implements Pipeline {
    private static final String NAME = "zero-shot image classification";
    private static final List<Task> TASKS = List.of(Task.CONTRASTIVE);

    /** Images that are read together. */
    private static final int BATCH = 16;

    private final Model model;
    private final Tokenizer tokenizer;
    private final ImageProcessor processor;

    /**
     * What is asked of images.
     *
     * @param labels those that an image may have, at least one
     * @param template what is said of an image, with {@code {}} where a label goes
     * @param text how what is said becomes tokens
     */
    public record Options(List<String> labels, String template, TextOptions text) {
        /** What the reference says of an image. */
        public static final String TEMPLATE = "This is a photo of {}.";

        public Options {
            labels = List.copyOf(labels);
            if (labels.isEmpty()) {
                throw new JformersException("candidate_labels: got none, allowed at least one label");
            }
            new HypothesisTemplate(template);
        }

        /** One of these labels. */
        public static Options of(List<String> labels) {
            return new Options(labels, TEMPLATE, TextOptions.DEFAULT);
        }

        public Options withTemplate(String said) {
            return new Options(labels, said, text);
        }
    }

    /** Takes a model over; it is closed with this object. */
    public ZeroShotImageClassification(Model model, Tokenizer tokenizer, ImageProcessor processor) {
        if (model.identity().task() != Task.CONTRASTIVE) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed models of texts and images");
        }
        this.model = model;
        this.tokenizer = tokenizer;
        this.processor = processor;
    }

    /** Loads a model folder, or the model of an id, with its tokenizer and its image processor. */
    public static ZeroShotImageClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer and its image processor. */
    public static ZeroShotImageClassification load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static ZeroShotImageClassification load(Path folder, LoadRequest request) {
        return FolderModel.of(folder, request.withTasks(TASKS), model ->
                new ZeroShotImageClassification(model, AutoTokenizer.load(folder), ImageProcessor.load(folder)));
    }

    /**
     * Which of some labels an image file has, the likeliest first.
     *
     * @throws JformersException if it is no image that can be read
     */
    public List<Label> classify(Path file, List<String> labels) {
        return classify(List.of(ImageFile.read(file)), Options.of(labels)).get(0);
    }

    /** All labels of each image with their probabilities, the likeliest first. */
    public List<List<Label>> classify(List<BufferedImage> images, Options options) {
        HypothesisTemplate template = new HypothesisTemplate(options.template());
        List<Encoding> texts = encode(options.labels().stream().map(template::with).toList(), options.text());
        List<List<Label>> classified = new ArrayList<>();
        for (int begin = 0; begin < images.size(); begin += BATCH) {
            List<BufferedImage> batch = images.subList(begin, Math.min(images.size(), begin + BATCH));
            float[] logits = Scopes.get(() -> {
                try (NoGrad noGrad = new NoGrad()) {
                    return Tensors.toFloats(model.forward(inputs(batch, texts)).get("logits_per_image"));
                }
            });
            int each = texts.size();
            for (int i = 0; i < batch.size(); i++) {
                float[] row = Arrays.copyOfRange(logits, i * each, (i + 1) * each);
                classified.add(ScoreFunction.SOFTMAX.ranked(options.labels(), row));
            }
        }
        return classified;
    }

    /** Texts as rows of one length. */
    private List<Encoding> encode(List<String> texts, TextOptions options) {
        OptionalInt room = model.identity().spec().sourceRoom();
        OptionalInt most = IntStream.concat(tokenizer.maxLength().stream(), room.stream()).min();
        List<Encoding> rows =
                TextReader.rows(tokenizer, texts.stream().map(TextInput::of).toList(), options, most);
        for (Encoding row : rows) {
            if (row.length() == 0 || room.isPresent() && row.length() > room.getAsInt()) {
                throw new JformersException(NAME + ": got a label whose text has " + row.length()
                        + " tokens, allowed 1 to " + (room.isPresent() ? room.getAsInt() : "any number"));
            }
            Vocabularies.requireVectors(NAME, tokenizer, model.identity().spec().sourceTable(), row.ids());
        }
        if (rows.stream().mapToInt(Encoding::length).distinct().count() == 1) {
            return rows;
        }
        return tokenizer.padding()
                .orElseThrow(() -> new ConfigException(NAME + ": got a tokenizer without a padding token, allowed one"
                        + " that has it, for labels are of unequal length"))
                .pad(rows);
    }

    private ModelInputs inputs(List<BufferedImage> images, List<Encoding> texts) {
        return processor.inputs(images)
                .with("input_ids", Tensors.ofLongs(texts.stream().map(row -> longs(row.ids())).toArray(long[][]::new)))
                .with("attention_mask", Tensors.ofLongs(
                        texts.stream().map(row -> longs(row.attentionMask())).toArray(long[][]::new)));
    }

    private static long[] longs(int[] values) {
        return IntStream.of(values).asLongStream().toArray();
    }

    @Override
    public LoadReport report() {
        return model.report();
    }

    @Override
    public void close() {
        model.close();
    }
}
