package org.jformers.model.family;

import static org.jformers.model.family.BertLayers.norm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.EncoderHeads;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.SequenceSummary;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionRule;

/**
 * RoBERTa, XLM-RoBERTa and CamemBERT: BERT's layers, trained otherwise.
 *
 * <p>Reference: arXiv:1907.11692, arXiv:1911.02116, arXiv:1911.03894; transformers 5.18 {@code models/roberta}, {@code
 * models/xlm_roberta}, {@code models/camembert}, which differ in their names only.
 *
 * <p>Differences from BERT: positions count on from the padding id over the tokens that are none; the label of a
 * sequence is read from the first token through a head of its own, not the pooler; the output layer's GELU is fixed.
 * Text that is continued keeps these positions, as it was trained.
 */
public final class Roberta implements ModelFamily<Bert.Config> {
    private final String modelType;
    private final String classes;

    private Roberta(String modelType, String classes) {
        this.modelType = modelType;
        this.classes = classes;
    }

    /** RoBERTa itself. */
    public Roberta() {
        this("roberta", "Roberta");
    }

    /** The one for a hundred languages. */
    public static Roberta xlm() {
        return new Roberta("xlm-roberta", "XLMRoberta");
    }

    /** The one for French. */
    public static Roberta camembert() {
        return new Roberta("camembert", "Camembert");
    }

    @Override
    public String modelType() {
        return modelType;
    }

    @Override
    public Class<Bert.Config> configType() {
        return Bert.Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                classes + "Model", Task.BASE,
                classes + "ForMaskedLM", Task.MASKED_LM,
                classes + "ForCausalLM", Task.CAUSAL_LM,
                classes + "ForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                classes + "ForMultipleChoice", Task.MULTIPLE_CHOICE,
                classes + "ForTokenClassification", Task.TOKEN_CLASSIFICATION,
                classes + "ForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Bert.Config c, Task task) {
        int width = c.hiddenSize();
        int padding = c.common().padTokenId().orElse(1);
        var languageModel = BertLayers.scores(c.common(), c.vocabSize(), width, "lm_head.")
                .withTransform(new LanguageModelHead.Transform(Activation.GELU, norm(c, width)));
        double dropout = BertLayers.classifierDropout(c);
        var pooler = SequenceSummary.Spec.pooler(width);
        var heads = EncoderHeads.of(modelType, c.common(), languageModel, dropout)
                .withSummaries(new EncoderHeads.Summaries(
                        Optional.of(pooler), SequenceSummary.Spec.first(width, Activation.TANH, dropout),
                        pooler.withDropout(0, BertLayers.dropout(c))));
        return new SingleStackModel.Spec(
                BertLayers.body(modelType, c, padding,
                        new LearnedPositions.Spec(c.maxPositionEmbeddings(), width).withPaddingRow(padding),
                        new PositionRule.BehindPadding(padding)),
                heads.of(task), BertLayers.initialization(c));
    }

    @Override
    public WeightMap weights(Bert.Config c, Task task) {
        boolean sequence = task == Task.SEQUENCE_CLASSIFICATION;
        var map = BertLayers.weights("roberta.")
                .module(sequence ? "classifier.dense" : "roberta.pooler.dense", "head.summary.dense")
                .module(sequence ? "classifier.out_proj" : "classifier",
                        task == Task.TOKEN_CLASSIFICATION ? "head.tokenClassifier" : "head.classifier")
                .module("lm_head.dense", "head.dense")
                .module("lm_head.layer_norm", "head.norm")
                .module("qa_outputs", "head.span");
        BertLayers.output(map, c.common(), "lm_head.", "head.");
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }

    @Override
    public List<GgufForm<Bert.Config>> gguf() {
        return List.of(BertGguf.roberta(classes));
    }
}
