package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.ImageFolder;
import org.jformers.data.MaskedImages;
import org.jformers.data.MaskedImages.Hiding;
import org.jformers.data.MaskedImages.Said;
import org.jformers.data.Table;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Extent;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.MaskedAutoencoder;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.objective.HiddenPatches;
import org.jformers.objective.Objective;
import org.jformers.task.ImageClassification.Augmentation;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Images of which a share of the patches is hidden. */
final class PreparedMaskedPatches implements PreparedTask {
    private static final Augmentation NONE = new Augmentation(1, false);
    private static final List<ReportData.Measure> MEASURES = List.of(new ReportData.Measure("loss", "", 4, false));

    /** What a model that hid nothing before lacks besides a head. */
    private static final List<String> NEW = List.of("body.input.maskToken", "decoder", "pixels");

    /** The key that says how much a masked autoencoder hides. */
    private static final String MASK_RATIO = "mask_ratio";

    /** What SimMIM hides and cuts out, and what masked autoencoders cut out. */
    private static final double SIM_SHARE = 0.6;

    private static final int SIM_CELL = 32;
    private static final double SIM_CROP = 0.67;
    private static final double AUTOENCODER_CROP = 0.2;

    private final MaskedPatches task;
    private final RunStart start;
    private final Task kind;
    private final ImageModel base;
    private final OptionalDouble maskRatio;
    private final Hiding hiding;
    private final Console console;
    private final TextFiles rows;
    private final MaskedImages training;
    private final MaskedImages validation;
    private final MaskedImages test;

    PreparedMaskedPatches(MaskedPatches task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        this.console = console;
        Config config = start.config();
        kind = task(config);
        base = ImageModel.of(start, kind);
        boolean autoencoder = AutoModel.spec(config, kind) instanceof MaskedAutoencoder.Spec;
        maskRatio = autoencoder && task.maskShare() > 0
                ? OptionalDouble.of(task.maskShare())
                : OptionalDouble.empty();
        hiding = hiding(AutoModel.spec(config, kind));
        rows = TextFiles.read(task.data().train(), task.data().validation(), task.data().test(), this::table,
                ImageFolder.IMAGE, start.experiment().seed(), console);
        rows.tables().forEach(ImageTables::requireImages);
        double crop = autoencoder ? AUTOENCODER_CROP : SIM_CROP;
        training = examples(rows.training(), new Augmentation(
                task.augmentation().crop() == 0 ? crop : task.augmentation().crop(), task.augmentation().flip()));
        validation = examples(rows.validation(), NONE);
        test = rows.test() == rows.validation() ? validation : examples(rows.test(), NONE);
        console.say(String.format(Locale.ROOT, "hidden of each image: %,d of %,d squares, %d x %d of them",
                hiding.hidden(), hiding.rows() * hiding.columns(), hiding.rows(), hiding.columns()));
    }

    /**
     * What a model of a configuration hides patches for.
     *
     * @throws ConfigException if it hides none
     */
    static Task task(Config config) {
        Task task = AutoModel.oneOf(config, List.of(Task.MASKED_IMAGE, Task.PRETRAINING));
        Set<String> takes = AutoModel.inputs(config, task);
        if (!takes.contains(Said.NOISE.input()) && !takes.contains(Said.MASK.input())) {
            throw new ConfigException("masked patches: got a model without hidden patches, which reads "
                    + String.join(", ", takes)
                    + ", allowed masked autoencoders and encoders of images with a mask token");
        }
        return task;
    }

    private Hiding hiding(ModelSpec spec) {
        PatchGrid grid = spec.patches().orElseThrow();
        Extent size = base.size();
        if (size.height() != grid.height() || size.width() != grid.width()) {
            throw new ExperimentException("image processor: got one that makes images of " + size.height() + " x "
                    + size.width() + " pixels, allowed " + grid.height() + " x " + grid.width()
                    + ", image_size of the model");
        }
        return spec instanceof MaskedAutoencoder.Spec autoencoder ? unread(autoencoder) : squares(grid);
    }

    private Hiding unread(MaskedAutoencoder.Spec spec) {
        if (task.cell() != 0) {
            throw new ExperimentException("task.cell: got " + task.cell()
                    + " for a masked autoencoder, which hides single patches, allowed 0");
        }
        int patches = spec.grid().patches();
        long read = new MaskedAutoencoder.Spec(spec.grid(), spec.encoder(), maskRatio.orElse(spec.maskRatio()),
                spec.decoder(), spec.initialization()).read(patches);
        if (read < 1 || read == patches) {
            throw new ExperimentException("task.mask_share: got " + maskRatio.orElse(spec.maskRatio()) + ", by which "
                    + read + " of " + patches + " patches are read, allowed one or more, but not all");
        }
        return new Hiding(spec.grid().rows(), spec.grid().columns(), 1, (int) (patches - read), Said.NOISE);
    }

    /** Squares of the same number of patches each, as SimMIM hides them. */
    private Hiding squares(PatchGrid grid) {
        int cell = task.cell() == 0 ? SIM_CELL : task.cell();
        if (grid.patchHeight() != grid.patchWidth() || cell % grid.patchWidth() != 0 || grid.height() % cell != 0
                || grid.width() % cell != 0) {
            throw new ExperimentException("task.cell: got " + cell + ", allowed a multiple of the patches' "
                    + grid.patchHeight() + " x " + grid.patchWidth() + " pixels by which " + grid.height() + " x "
                    + grid.width() + " can be divided");
        }
        int rows = grid.height() / cell;
        int columns = grid.width() / cell;
        double share = task.maskShare() == 0 ? SIM_SHARE : task.maskShare();
        return new Hiding(rows, columns, cell / grid.patchWidth(), (int) Math.ceil(rows * columns * share), Said.MASK);
    }

    private Table table(Path source) {
        if (!Files.isDirectory(source)) {
            return ImageTables.read(source, task.data().image(), Map.of());
        }
        ImageFolder found = ImageFolder.listAll(source);
        if (found.hidden() > 0) {
            console.say(String.format(Locale.ROOT, "left out of %s: %,d hidden files", source, found.hidden()));
        }
        return found.images();
    }

    private MaskedImages examples(Table table, Augmentation augmentation) {
        Extent size = base.size();
        return MaskedImages.of(table.size(), new long[] {3, size.height(), size.width()},
                new ImagePixels(ImageTables.files(table), base.processor(), size, augmentation), hiding, task.batch());
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    @Override
    public Model model() {
        Model model = start.folder().isEmpty() ? created() : loaded();
        try {
            Scopes.run(() -> requireSize(model));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        return model;
    }

    private Model created() {
        ObjectNode config = start.experiment().model().config().deepCopy();
        maskRatio.ifPresent(ratio -> config.put(MASK_RATIO, ratio));
        return start.create(config, kind);
    }

    private Model loaded() {
        LoadRequest request = LoadRequest.of(kind).withMode(LoadMode.NEW_HEAD.allowingMissing(NEW));
        return start.load(maskRatio.isPresent()
                ? request.withConfig(MASK_RATIO, maskRatio.getAsDouble())
                : request);
    }

    /** Pixels that lie elsewhere than the image's own cannot be compared with them. */
    private void requireSize(Model model) {
        if (hiding.said() == Said.NOISE) {
            return;
        }
        Extent size = base.size();
        Extent made = HiddenPatches.reconstructed(model, size);
        if (!made.equals(size)) {
            throw new ExperimentException("model.config.encoder_stride: got one by which the head makes "
                    + made.height() + " x " + made.width() + " pixels, allowed one by which it makes the image's "
                    + size.height() + " x " + size.width());
        }
    }

    @Override
    public Objective objective(Model model) {
        return new HiddenPatches(model);
    }

    @Override
    public void complete(Path modelFolder) {
        base.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        List<ReportData.Result> results = new ArrayList<>();
        double loss;
        try (Model model = AutoModel.load(modelFolder)) {
            loss = loss(model);
            results.add(new ReportData.Result("this model", "", List.of(loss)));
        }
        start.before(this::model, model -> List.of(loss(model))).ifPresent(results::add);
        return new Outcome(
                String.format(Locale.ROOT, "loss %.4f of the hidden patches of %,d %s images", loss, test.size(),
                        rows.measured()),
                MEASURES, results, List.of(), List.of());
    }

    private double loss(Model model) {
        return MetricRow.figure(measure(model, Precision.FLOAT32, test.evaluationBatches()), MetricRow.LOSS);
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Train it for a task", "./jformers finetune "
                + Shell.quoted(modelFolder.toString()) + " --task image-classification --train photos"
                + (hiding.said() == Said.NOISE
                        ? " --set " + Shell.quoted("model.config={\"model_type\": \"vit\"}")
                        : ""));
    }

    @Override
    public boolean served() {
        return false;
    }

    @Override
    public String unit() {
        return "patches";
    }

    @Override
    public String pipelineTag() {
        return "image-feature-extraction";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
