package org.jformers.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.head.Losses;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Tensors;

/**
 * A student learns what a trained teacher says beside its labels: arXiv:1503.02531, 2, and arXiv:1910.01108, 2. Terms,
 * each with its weight:
 *
 * <ul>
 *   <li>{@code loss}: the cross-entropy of the labels;
 *   <li>{@code soft}: the divergence KL(teacher || student) of the probabilities of scores over T, times T^2, a mean
 *       over the places;
 *   <li>{@code cosine}: 1 - cosine of the last hidden states, a mean over the tokens;
 *   <li>{@code states}: the mean squared difference of hidden states, that of the student's layer s of L beside the
 *       teacher's layer nearest to s M / L of M, the entrances and the last layers among them.
 * </ul>
 *
 * <p>The teacher has no dropout. When the student evaluates, its plain objective counts, so that validation losses
 * compare. What mixtures of experts add to the loss is left out.
 *
 * <p>Dimensions: P places, V classes or tokens, C width.
 *
 * @param plain the student's own objective, in which every label counts the same
 * @param student scores tokens or texts
 * @param teacher scores the same; the caller's, as the student is
 * @param places where tokens are compared
 */
public record Distillation(Objective plain, Model student, Model teacher, Weights weights, Places places)
        implements Objective {
    private static final Set<Task> SCORED = Set.of(Task.MASKED_LM, Task.CAUSAL_LM, Task.SEQUENCE_CLASSIFICATION);

    /** The divergence from the teacher. */
    public static final String SOFT = "soft";

    /** How far the last hidden states point apart. */
    public static final String COSINE = "cosine";

    /** How far hidden states are from the teacher's. */
    public static final String STATES = "states";

    private static final long SUM = 2;
    private static final double EPSILON = 1e-8;
    private static final long NO_TOKEN = -1;

    /** At which tokens a student is compared with its teacher. */
    public enum Places {
        /** All but padding. */
        ALL,
        /** Those with a label: for hidden tokens the hidden ones. */
        LABELLED
    }

    /**
     * How much each term counts.
     *
     * @param temperature T, above 0
     * @param soft of the divergence, >= 0
     * @param hard of the labels, >= 0
     * @param cosine of the last hidden states, >= 0; more than 0 for models of one width
     * @param states of the hidden states, >= 0; more than 0 for models of one width
     */
    public record Weights(double temperature, double soft, double hard, double cosine, double states) {
        /** What DistilBERT was trained with by its own code. */
        public static final Weights DISTILBERT = new Weights(2, 5, 2, 1, 0);

        public Weights {
            boolean none = soft + hard + cosine + states == 0;
            if (!(temperature > 0) || !(soft >= 0) || !(hard >= 0) || !(cosine >= 0) || !(states >= 0) || none) {
                throw new JformersException("distillation: got temperature " + temperature + ", soft " + soft
                        + ", hard " + hard + ", cosine " + cosine + ", states " + states
                        + ", allowed a temperature above 0, and weights >= 0, not all of them 0");
            }
        }
    }

    /** @throws JformersException if student and teacher do not score the same, or say nothing of tokens or texts */
    public Distillation {
        Task task = student.identity().task();
        if (!SCORED.contains(task) || teacher.identity().task() != task) {
            throw new JformersException("distillation: got " + student.identity().architecture() + " to learn from "
                    + teacher.identity().architecture()
                    + ", allowed two models for hidden tokens, next tokens or classes of texts");
        }
        if (plain instanceof WeightedClassification || plain instanceof SmoothedLabels) {
            throw new JformersException("distillation: got weights of classes or smoothed labels beside it, allowed one"
                    + " of them");
        }
        if (task == Task.SEQUENCE_CLASSIFICATION) {
            requireSame("labels", student.config().common().labels(), teacher.config().common().labels());
        } else {
            requireSame("tokens", entries(student), entries(teacher));
        }
    }

    private static Optional<Integer> entries(Model model) {
        return model.identity().spec().tokenTable().map(table -> table.entries());
    }

    private static void requireSame(String what, Object own, Object other) {
        if (!own.equals(other)) {
            throw new JformersException("distillation: got " + what + " " + own + " to learn from a teacher with "
                    + other + ", allowed the same");
        }
    }

    @Override
    public Loss loss(Batch batch) {
        if (!student.network().training()) {
            return plain.loss(batch);
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>(batch.fields());
        if (!(fields.remove("labels") instanceof Batch.Longs labels)) {
            throw new JformersException("distillation: got labels that are no classes, allowed one class each");
        }
        ModelOutput told;
        try (NoGrad noGrad = new NoGrad()) {
            told = teacher.forward(inputs(fields, teacher));
        }
        ModelOutput said = student.forward(inputs(fields, student));
        Tensor score = said.get("logits");
        Loss loss = new Loss(List.of(new Loss.Term(
                Loss.MAIN, Losses.crossEntropySum(score, BatchTensors.of(labels), 0), weights.hard(),
                Optional.empty())));
        if (weights.soft() > 0) {
            loss = loss.plus(term(SOFT, divergence(picked(told.get("logits"), compared(batch)),
                    picked(score, compared(batch))), weights.soft()));
        }
        List<Tensor> own = states(said);
        List<Tensor> others = states(told);
        boolean[] tokens = tokens(batch);
        if (weights.cosine() > 0) {
            loss = loss.plus(term(COSINE, apart(picked(others.get(others.size() - 1), tokens),
                    picked(own.get(own.size() - 1), tokens)), weights.cosine()));
        }
        if (weights.states() > 0) {
            loss = loss.plus(term(STATES, difference(others, own, tokens), weights.states()));
        }
        return loss;
    }

    private static Loss.Term term(String name, Tensor sum, double weight) {
        return new Loss.Term(name, sum, weight, Optional.empty());
    }

    /** A teacher of another family may not read all that the student does. */
    private static ModelInputs inputs(Map<String, Batch.Field> fields, Model model) {
        Map<String, Batch.Field> taken = new LinkedHashMap<>(fields);
        if (!model.takes().contains("token_type_ids")) {
            taken.remove("token_type_ids");
        }
        return BatchTensors.of(taken).askingHiddenStates();
    }

    /** Hidden states [B, T, C], that of the entrance first. */
    private static List<Tensor> states(ModelOutput output) {
        List<Tensor> states = new ArrayList<>();
        for (Optional<Tensor> state = output.find("hidden_states.0"); state.isPresent();
                state = output.find("hidden_states." + states.size())) {
            states.add(state.get());
        }
        return states;
    }

    /** Sum over places of T^2 KL(teacher || student). */
    private Tensor divergence(Tensor teacher_PV, Tensor student_PV) {
        return Precision.withoutAutocast(() -> {
            Scalar colder = new Scalar(1 / weights.temperature());
            Tensor told_PV = teacher_PV.to(ScalarType.Float).mul(colder).log_softmax(-1);
            Tensor said_PV = student_PV.to(ScalarType.Float).mul(colder).log_softmax(-1);
            return torch.kl_div(said_PV, told_PV, SUM, true)
                    .mul(new Scalar(weights.temperature() * weights.temperature()));
        });
    }

    /** Sum over tokens of 1 - cosine. */
    private static Tensor apart(Tensor teacher_PC, Tensor student_PC) {
        requireWidth(teacher_PC, student_PC, "cosine");
        return Precision.withoutAutocast(() -> torch.cosine_similarity(
                teacher_PC.to(ScalarType.Float), student_PC.to(ScalarType.Float), 1, EPSILON)
                .neg().add(new Scalar(1)).sum());
    }

    /** Sum over tokens of the squared difference, a mean over layers and width. */
    private static Tensor difference(List<Tensor> teacher, List<Tensor> student, boolean[] tokens) {
        int layers = student.size() - 1;
        return Precision.withoutAutocast(() -> IntStream.rangeClosed(0, layers)
                .mapToObj(layer -> {
                    int other = Math.toIntExact(Math.round((double) layer * (teacher.size() - 1) / layers));
                    return squares(picked(teacher.get(other), tokens), picked(student.get(layer), tokens));
                })
                .reduce(Tensor::add).orElseThrow()
                .div(new Scalar((double) student.size() * student.get(0).size(-1))));
    }

    private static Tensor squares(Tensor teacher_PC, Tensor student_PC) {
        requireWidth(teacher_PC, student_PC, "states");
        return torch.mse_loss(student_PC.to(ScalarType.Float), teacher_PC.to(ScalarType.Float), SUM);
    }

    private static void requireWidth(Tensor teacher, Tensor student, String weight) {
        if (teacher.size(-1) != student.size(-1)) {
            throw new JformersException("distillation: got hidden states of width " + student.size(-1)
                    + " to learn from those of width " + teacher.size(-1) + ", allowed the same where " + weight
                    + " counts, or a weight of 0 for it");
        }
    }

    /** [B, T, X] to those of some places [P, X]; all of [B, X]. */
    private static Tensor picked(Tensor x, boolean[] places) {
        if (x.dim() == 2) {
            return x;
        }
        Tensor all = x.flatten(0, -2);
        long[] chosen = new long[places.length];
        int count = 0;
        for (int place = 0; place < places.length; place++) {
            if (places[place]) {
                chosen[count++] = place;
            }
        }
        return count == places.length
                ? all
                : Tensors.pick(all, 0, Tensors.ofLongs(Arrays.copyOf(chosen, count), count));
    }

    /** The tokens that are no padding. */
    private static boolean[] tokens(Batch batch) {
        boolean padded = batch.fields().containsKey("attention_mask");
        return places(batch.longs(padded ? "attention_mask" : "input_ids").values(), padded ? 0 : NO_TOKEN);
    }

    /** The tokens whose scores are compared. Where the next one is predicted, none is behind a text. */
    private boolean[] compared(Batch batch) {
        return places == Places.LABELLED || student.identity().task() == Task.CAUSAL_LM
                ? places(batch.longs("labels").values(), Batch.IGNORED_LABEL)
                : tokens(batch);
    }

    private static boolean[] places(long[] values, long left) {
        boolean[] places = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            places[i] = values[i] != left;
        }
        return places;
    }

    @Override
    public double count(Batch batch, String term) {
        return switch (term) {
            case SOFT -> student.identity().task() == Task.SEQUENCE_CLASSIFICATION
                    ? batch.examples()
                    : count(compared(batch));
            case COSINE, STATES -> count(tokens(batch));
            default -> plain.count(batch, term);
        };
    }

    private static int count(boolean[] places) {
        int count = 0;
        for (boolean place : places) {
            count += place ? 1 : 0;
        }
        return count;
    }
}
