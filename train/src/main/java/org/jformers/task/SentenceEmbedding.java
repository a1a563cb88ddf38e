package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import java.util.List;
import java.util.Locale;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.model.head.SentencePooling;
import org.jformers.objective.SentenceLoss;
import org.jformers.objective.SentenceLoss.Distance;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** A vector for a text, near those of texts that mean the same. */
public record SentenceEmbedding(
        Data data,
        @Setting("in_batch_negatives, cosine, triplet, contrastive or online_contrastive; null for cosine where there"
                + " are scores, and for in_batch_negatives elsewhere")
                @Nullable Loss loss,
        @Setting("of in_batch_negatives, the factor on cosines, > 0; null for 20") @Nullable Double scale,
        @Setting("of triplet and the contrastive losses, how far texts are to be apart; null for 5 with triplet and"
                + " euclidean, 0.5 elsewhere")
                @Nullable Double margin,
        @Setting("of triplet and the contrastive losses, cosine or euclidean; null for euclidean with triplet, cosine"
                + " elsewhere")
                @Nullable Distance distance,
        @Setting("mean, cls, max or last_token; null for what the start folder's modules.json says, or mean")
                SentencePooling.@Nullable Kind pooling,
        @Setting("whether vectors are brought to length 1; null for what the start folder's modules.json says, or"
                + " false")
                @Nullable Boolean normalize,
        Mining mining,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a text at most, special ones counted; 0 for what sentence_bert_config.json says, or as many"
                + " as the model can read")
                int maxLength,
        @Setting("the figure of the result and of the best checkpoint: spearman or pearson where there are scores,"
                + " elsewhere mrr or accuracy; null for the first of them")
                @Nullable Measure measure,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from. */
    public record Data(
            @Setting("file to train on: CSV, TSV, JSONL or Parquet, also .gz") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the rows to train on") @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of the first text, such as a question") String text,
            @Setting("column of the second text, such as its answer") String pair,
            @Setting("column of a text that the first is to be held apart from, or several with commas between; null"
                    + " for none")
                    @Nullable String negative,
            @Setting("column of a number that says how alike the texts are; null for rows of texts that are")
                    @Nullable String score,
            @Setting("score of texts that mean the same, by which scores are divided; null for 1, or the highest score"
                    + " there is if that is more")
                    @Nullable Double highestScore) {

        List<String> negatives() {
            return negative == null ? List.of() : List.of(negative.split("\\s*,\\s*"));
        }
    }

    /** Hard negatives that the model finds among the second texts of all rows; see {@link HardNegatives}. */
    public record Mining(
            @Setting("hard negatives that the model seeks for each row among the second texts of others; 0 for none")
                    int hardNegatives,
            @Setting("once, before training, or each_epoch, by what the model has become") When mined,
            @Setting("so many of the nearest are passed over") int rangeMin,
            @Setting("rank of the last that is looked at; null for as many as are needed") @Nullable Integer rangeMax,
            @Setting("by how much the cosine of a negative is below that of the right text at least; null for any")
                    @Nullable Double absoluteMargin,
            @Setting("the same as a share of the right text's cosine, such as 0.05; null for any")
                    @Nullable Double relativeMargin,
            @Setting("highest cosine of a negative; null for any") @Nullable Double maxScore,
            @Setting("which of those that are left: top or random") Sampling sampling) {

        /** When negatives are sought. */
        public enum When {
            ONCE,
            EACH_EPOCH
        }

        /** Which of the candidates are taken. */
        public enum Sampling {
            TOP,
            RANDOM
        }
    }

    /** How the result is shown. */
    public record Evaluation(@Setting("worst examples in the report") int samples) {}

    /** What vectors of texts that belong together should be like. */
    public enum Loss {
        IN_BATCH_NEGATIVES(false),
        COSINE(true),
        TRIPLET(false),
        CONTRASTIVE(true),
        ONLINE_CONTRASTIVE(true);

        private final boolean scored;

        Loss(boolean scored) {
            this.scored = scored;
        }

        /** Whether it reads a score for each row. */
        boolean scored() {
            return scored;
        }

        /** Whether scores are 0 or 1. */
        boolean binary() {
            return this == CONTRASTIVE || this == ONLINE_CONTRASTIVE;
        }
    }

    /** A figure of vectors. */
    public enum Measure {
        SPEARMAN(true),
        PEARSON(true),
        MRR(false),
        ACCURACY(false);

        private final boolean scored;

        Measure(boolean scored) {
            this.scored = scored;
        }
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "sentence-embedding";
        }

        @Override
        public TrainingTask defaults() {
            return new SentenceEmbedding(
                    new Data(null, null, null, "anchor", "positive", null, null, null), null, null, null, null, null,
                    null, new Mining(0, Mining.When.ONCE, 0, null, null, null, null, Mining.Sampling.TOP), 32, 0, null,
                    new Evaluation(20));
        }
    }

    boolean scored() {
        return data.score() != null;
    }

    /** The loss by its name. */
    Loss kind() {
        return loss != null ? loss : scored() ? Loss.COSINE : Loss.IN_BATCH_NEGATIVES;
    }

    /** The loss. */
    SentenceLoss measured() {
        boolean triplet = kind() == Loss.TRIPLET;
        Distance apart = distance != null ? distance : triplet ? Distance.EUCLIDEAN : Distance.COSINE;
        double far = margin != null ? margin : triplet && apart == Distance.EUCLIDEAN ? 5 : 0.5;
        return switch (kind()) {
            case IN_BATCH_NEGATIVES -> new SentenceLoss.InBatchNegatives(scale == null ? 20 : scale);
            case COSINE -> new SentenceLoss.Cosine();
            case TRIPLET -> new SentenceLoss.Triplet(apart, far);
            case CONTRASTIVE -> new SentenceLoss.Contrastive(apart, far);
            case ONLINE_CONTRASTIVE -> new SentenceLoss.OnlineContrastive(apart, far);
        };
    }

    /** The figure that tells models apart. */
    Measure figure() {
        return measure != null ? measure : scored() ? Measure.SPEARMAN : Measure.MRR;
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "sentence-embedding");
        named("task.data.train", data.train());
        named("task.data.text", data.text());
        named("task.data.pair", data.pair());
        data.negatives().forEach(column -> named("task.data.negative", column));
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
        checkLoss();
        checkMining();
        if (figure().scored != scored()) {
            throw new ExperimentException("task.measure: got " + name(figure()) + " for rows "
                    + (scored() ? "with scores, allowed spearman, pearson" : "without scores, allowed mrr, accuracy"));
        }
        positive("task.data.highest_score", data.highestScore());
    }

    private void checkLoss() {
        String name = name(kind());
        if (kind().scored() && !scored()) {
            throw new ExperimentException("task.data.score: got null, allowed a column, which " + name + " needs");
        }
        if (!kind().scored() && scored()) {
            throw new ExperimentException("task.data.score: got " + data.score() + ", allowed null for " + name
                    + ", which reads none");
        }
        if (scored() && data.negative() != null) {
            throw new ExperimentException("task.data.negative: got " + data.negative() + ", allowed null where there"
                    + " are scores");
        }
        if (kind() == Loss.TRIPLET && data.negative() == null && mining.hardNegatives() == 0) {
            throw new ExperimentException("task.data.negative: got null, allowed a column for triplet, or"
                    + " task.mining.hard_negatives");
        }
        if (scale != null && kind() != Loss.IN_BATCH_NEGATIVES) {
            throw new ExperimentException("task.scale: got " + scale + ", allowed null for " + name);
        }
        boolean apart = kind() == Loss.TRIPLET || kind().binary();
        if (margin != null && !apart) {
            throw new ExperimentException("task.margin: got " + margin + ", allowed null for " + name);
        }
        if (distance != null && !apart) {
            throw new ExperimentException("task.distance: got " + name(distance) + ", allowed null for " + name);
        }
        positive("task.scale", scale);
        positive("task.margin", margin);
    }

    private void checkMining() {
        atLeast("task.mining.hard_negatives", mining.hardNegatives(), 0);
        atLeast("task.mining.range_min", mining.rangeMin(), 0);
        if (mining.hardNegatives() == 0) {
            return;
        }
        if (scored()) {
            throw new ExperimentException("task.mining.hard_negatives: got " + mining.hardNegatives()
                    + ", allowed 0 where there are scores");
        }
        if (mining.mined() == Mining.When.EACH_EPOCH && kind() == Loss.TRIPLET) {
            throw new ExperimentException("task.mining.mined: got each_epoch for triplet, allowed once, or"
                    + " in_batch_negatives");
        }
        if (mining.rangeMax() != null && mining.rangeMax() < mining.rangeMin() + mining.hardNegatives()) {
            throw new ExperimentException("task.mining.range_max: got " + mining.rangeMax() + ", allowed >= "
                    + (mining.rangeMin() + mining.hardNegatives()) + ", range_min and hard_negatives together");
        }
    }

    private static void positive(String path, @Nullable Double value) {
        if (value != null && !(value > 0 && Double.isFinite(value))) {
            throw new ExperimentException(path + ": got " + value + ", allowed > 0");
        }
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedSentenceEmbedding(this, start, console);
    }
}
