package org.jformers.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.LabelSmoothing.Over;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both definitions against their formulas in double precision, on heads of several kinds. */
final class SmoothedLabelsTest {
    private static final int CLASSES = 7;
    private static final double SHARE = 0.15;

    private static Model model(Task task, String more) throws Exception {
        return AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "bert", "vocab_size": 7, "hidden_size": 8, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 8,
                 "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0%s}""".formatted(more)), "test"),
                task, 3);
    }

    private static Batch batch(long[] labels, long... shape) {
        return new Batch(Map.of(
                "input_ids", new Batch.Longs(new long[] {1, 2, 3, 4, 5, 6}, 2, 3),
                "labels", new Batch.Longs(labels, shape)), 2, 3, 0);
    }

    /** What the definition says of scores [N, V] and labels. */
    private static double formula(float[] scores, long[] labels, int classes, Over over) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == Batch.IGNORED_LABEL) {
                continue;
            }
            double total = 0;
            for (int c = 0; c < classes; c++) {
                total += Math.exp(scores[i * classes + c]);
            }
            for (int c = 0; c < classes; c++) {
                double other = over == Over.ALL ? SHARE / classes : SHARE / (classes - 1);
                double own = over == Over.ALL ? 1 - SHARE + other : 1 - SHARE;
                sum -= (c == labels[i] ? own : other) * (scores[i * classes + c] - Math.log(total));
            }
        }
        return sum;
    }

    private static void check(Model model, Batch batch, long[] labels, int classes, Over over) {
        Scopes.run(() -> {
            Objective smoothed = new SmoothedLabels(
                    new Classification(model), model, new LabelSmoothing(SHARE, over));
            Batch inputs = new Batch(Map.of("input_ids", batch.longs("input_ids")), 2, 3, 0);
            float[] scores = Tensors.toFloats(model.forward(BatchTensors.of(inputs)).get("logits"));
            model.network().train(true);
            assertThat(smoothed.loss(batch).main().item_double() / labels.length)
                    .isCloseTo(formula(scores, labels, classes, over) / labels.length, Offset.offset(2e-7));
            model.network().train(false);
            assertThat(smoothed.loss(batch).main().item_double())
                    .isEqualTo(model.loss(BatchTensors.of(batch)).main().item_double());
        });
    }

    @ParameterizedTest
    @EnumSource(Over.class)
    void followsItsDefinition(Over over) throws Exception {
        long[] words = {1, -100, 3, 0, 6, -100};
        try (Model masked = model(Task.MASKED_LM, "")) {
            check(masked, batch(words, 2, 3), words, CLASSES, over);
        }
        try (Model tags = model(Task.TOKEN_CLASSIFICATION, ", \"num_labels\": 4")) {
            long[] labels = {1, -100, 3, 0, 2, -100};
            check(tags, batch(labels, 2, 3), labels, 4, over);
        }
        try (Model classes = model(Task.SEQUENCE_CLASSIFICATION, ", \"num_labels\": 2")) {
            check(classes, batch(new long[] {1, 0}, 2), new long[] {1, 0}, 2, over);
        }
    }

    @Test
    void refusesWhatHasNoLabelsToSmooth() throws Exception {
        LabelSmoothing smoothing = new LabelSmoothing(SHARE, Over.ALL);
        try (Model answers = model(Task.QUESTION_ANSWERING, "")) {
            assertThatThrownBy(() -> new SmoothedLabels(new Classification(answers), answers, smoothing))
                    .isInstanceOf(JformersException.class)
                    .hasMessage("label smoothing: got BertForQuestionAnswering, allowed models that score tokens or"
                            + " classes");
        }
        try (Model classes = model(Task.SEQUENCE_CLASSIFICATION, "")) {
            assertThatThrownBy(() -> new SmoothedLabels(
                    new WeightedClassification(classes, List.of(1.0, 2.0)), classes, smoothing))
                    .hasMessageContaining("got weights of classes beside it");
        }
        assertThatThrownBy(() -> new LabelSmoothing(1, Over.ALL)).isInstanceOf(JformersException.class)
                .hasMessage("label smoothing: got 1.0, allowed in [0, 1)");
        assertThatThrownBy(() -> new LabelSmoothing(0.6, Over.OTHERS).overAll(2)).hasMessage(
                "label smoothing: got 0.6 over 2 classes, allowed up to (V - 1) / V for two classes or more");
    }
}
