package org.jformers.testkit.contract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.nn.Parameter;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/** Tiny inputs, labels and weights for the contracts. */
final class Sample {
    static final long ROWS = 2;
    static final long CHOICES = 3;
    static final long LENGTH = 5;

    private Sample() {}

    /** Ids [rows, length] that differ from each other, the padding id among none of them. */
    static long[][] ids(long rows, long length, FamilySizes sizes) {
        long[][] ids = new long[(int) rows][(int) length];
        long next = 0;
        for (long[] row : ids) {
            for (int i = 0; i < row.length; i++) {
                do {
                    next = (next + 7) % sizes.vocabulary();
                } while (next == sizes.paddingId());
                row[i] = next;
            }
        }
        return ids;
    }

    /** Inputs of a task with everything that its loss needs. */
    static ModelInputs labelled(Task task, FamilySizes sizes) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Tensor ids_BT = Tensors.ofLongs(ids(ROWS, LENGTH, sizes));
        inputs.put("input_ids", ids_BT);
        switch (task) {
            case CAUSAL_LM, MASKED_LM, PRETRAINING -> inputs.put("labels", ids_BT);
            case REPLACED_TOKENS -> inputs.put("labels", ids_BT.remainder(new Scalar(2L)));
            case NEXT_SENTENCE, SEQUENCE_CLASSIFICATION ->
                    inputs.put("labels", Tensors.ofLongs(new long[] {0, 1}, ROWS));
            case TOKEN_CLASSIFICATION ->
                    inputs.put("labels", ids_BT.remainder(new Scalar((long) sizes.labels())));
            case QUESTION_ANSWERING -> {
                inputs.put("start_positions", Tensors.ofLongs(new long[] {0, 2}, ROWS));
                inputs.put("end_positions", Tensors.ofLongs(new long[] {1, 4}, ROWS));
            }
            case QUESTION_ANSWERING_BEAM -> {
                inputs.put("start_positions", Tensors.ofLongs(new long[] {0, 2}, ROWS));
                inputs.put("end_positions", Tensors.ofLongs(new long[] {1, 4}, ROWS));
                inputs.put("cls_index", Tensors.ofLongs(new long[] {4, 3}, ROWS));
                inputs.put("is_impossible", Tensors.ofLongs(new long[] {1, 0}, ROWS));
            }
            case MULTIPLE_CHOICE -> {
                inputs.put("input_ids", choices(sizes));
                inputs.put("labels", Tensors.ofLongs(new long[] {2, 0}, ROWS));
            }
            case DOUBLE_HEADS -> {
                inputs.put("input_ids", choices(sizes));
                inputs.put("labels", choices(sizes));
                inputs.put("mc_labels", Tensors.ofLongs(new long[] {2, 0}, ROWS));
            }
            case SEQ2SEQ_LM -> {
                inputs.put("decoder_input_ids", Tensors.ofLongs(ids(ROWS, LENGTH - 1, sizes)));
                inputs.put("labels", Tensors.ofLongs(ids(ROWS, LENGTH - 1, sizes)));
            }
            default -> { }
        }
        return ModelInputs.of(inputs);
    }

    /** Vectors [rows, length, width] that are all different. */
    static Tensor vectors(long rows, long length, FamilySizes sizes) {
        return Tensors.range(0, rows * length * sizes.width()).to(ScalarType.Float).sin()
                .view(rows, length, sizes.width());
    }

    private static Tensor choices(FamilySizes sizes) {
        return Tensors.ofLongs(ids(ROWS * CHOICES, LENGTH, sizes)).view(ROWS, CHOICES, LENGTH);
    }

    /** The sum of all losses; of a model without one, a weighted sum of what it returns. */
    static Tensor loss(ModelOutput output) {
        Tensor sum = Tensors.ofFloats(new float[] {0}, 1).sum();
        for (Map.Entry<String, Tensor> entry : output.tensors().entrySet()) {
            if (output.find("loss").isEmpty()) {
                Tensor flat = entry.getValue().flatten();
                // Unequal weights: the plain sum of a normalised vector does not depend on anything.
                sum = sum.add(flat.mul(Tensors.range(0, flat.numel()).to(ScalarType.Float).sin()).sum());
            } else if (entry.getKey().endsWith("loss")) {
                sum = sum.add(entry.getValue());
            }
        }
        return sum;
    }

    /** Gives every parameter values so large that whatever is left out shows. */
    static void randomise(Model model) {
        Seeds.seed(17);
        try (NoGrad noGrad = new NoGrad()) {
            model.network().parameters().forEach((name, parameter) -> Scopes.run(() -> {
                if (name.endsWith("Variance")) {
                    Tensors.fillUniform(parameter.tensor(), 0.5, 1.5);
                } else if (parameter.tensor().is_floating_point()) {
                    Tensors.fillNormal(parameter.tensor(), parameter.role() == Parameter.Role.SCALE ? 1 : 0, 0.3);
                }
            }));
        }
    }

    /** A mask [1, length] that is 0 before {@code from} and from {@code to} on. */
    static Tensor mask(long length, long from, long to) {
        Tensor at = Tensors.range(0, length).unsqueeze(0);
        return at.ge(new Scalar(from)).logical_and(at.lt(new Scalar(to))).to(ScalarType.Long);
    }

    /** A mask of the shape of ids that is 0 at the end of each row. */
    static Tensor realButLast(Tensor ids) {
        Tensor mask = torch.ones_like(ids);
        mask.narrow(-1, ids.size(-1) - 1, 1).zero_();
        return mask;
    }

    /** Ids with {@code before} and {@code after} padding ids around them. */
    static Tensor padded(Tensor ids_1T, long before, long after, FamilySizes sizes) {
        Tensor one = torch.zeros_like(ids_1T.narrow(1, 0, 1)).add(new Scalar((long) sizes.paddingId()));
        return Tensors.cat(1, one.expand(1, before), ids_1T, one.expand(1, after));
    }

    /** A parameter of a model that has one of that name. */
    static Tensor weight(Model model, String name) {
        return Objects.requireNonNull(model.network().tensors().get(name), name);
    }
}
