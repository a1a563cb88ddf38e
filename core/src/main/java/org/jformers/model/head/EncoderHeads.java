package org.jformers.model.head;

import java.util.Optional;
import org.jformers.model.CommonConfig;
import org.jformers.model.ConfigException;
import org.jformers.model.Task;
import org.jformers.model.head.LanguageModelHead.Labels;
import org.jformers.model.head.LanguageModelHead.Target;

/**
 * The heads that encoders have in common, as BERT has them; a family says where its own differ.
 *
 * @param family named in errors
 * @param common labels and what they mean
 * @param languageModel scores of hidden or next tokens
 * @param summaries what vectors stand for a sequence
 * @param tokenDropout rate before the labels of tokens, in [0, 1)
 * @param answerDropout rate before the span of an answer, in [0, 1)
 */
public record EncoderHeads(
        String family,
        CommonConfig common,
        LanguageModelHead.Spec languageModel,
        Summaries summaries,
        double tokenDropout,
        double answerDropout) {

    /**
     * What vectors stand for a sequence.
     *
     * @param pooler what the model without a head returns besides its hidden states, if anything
     * @param sequence what a label of the sequence is read from
     * @param choice what the score of a choice is read from
     */
    public record Summaries(
            Optional<SequenceSummary.Spec> pooler, SequenceSummary.Spec sequence, SequenceSummary.Spec choice) {}

    /** BERT's. */
    public static EncoderHeads of(
            String family, CommonConfig common, LanguageModelHead.Spec languageModel, double dropout) {
        var pooler = SequenceSummary.Spec.pooler(languageModel.width());
        var before = pooler.withDropout(0, dropout);
        return new EncoderHeads(
                family, common, languageModel, new Summaries(Optional.of(pooler), before, before), dropout, 0);
    }

    public EncoderHeads withSummaries(Summaries vectors) {
        return new EncoderHeads(family, common, languageModel, vectors, tokenDropout, answerDropout);
    }

    public EncoderHeads withAnswerDropout(double rate) {
        return new EncoderHeads(family, common, languageModel, summaries, tokenDropout, rate);
    }

    /**
     * The head of a task.
     *
     * @throws ConfigException if it is none of those that encoders have in common
     */
    public Head.Spec of(Task task) {
        int width = languageModel.width();
        int classes = common.labels().size();
        return switch (task) {
            case BASE -> new BaseHead.Spec(summaries.pooler());
            case MASKED_LM -> languageModel.withLabels(Labels.of(Target.SAME));
            case CAUSAL_LM -> languageModel.withLabels(Labels.of(Target.NEXT));
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, classes, new SequenceClassificationHead.Summary.Mapped(summaries.sequence()), true, 0,
                    common.problemType());
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(width, classes, tokenDropout);
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width, answerDropout);
            case MULTIPLE_CHOICE -> new MultipleChoiceHead.Spec(summaries.choice());
            default -> throw new ConfigException(family + ": got task " + task + ", which has no head");
        };
    }
}
