package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.LastEndClassificationHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.kind.DecoderStart;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionRule;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Scaled;
import org.jformers.nn.stack.Stack;

/**
 * What BART and the families after it share, and where they differ.
 *
 * @param family named in errors
 * @param order where the norms stand; before the parts means one more behind the last layer
 * @param entrance how order enters
 * @param labels number of labels where the config has none
 */
record BartLike(String family, Block.NormOrder order, Entrance entrance, int labels) {
    private static final int PADDING = 1;

    /** How order enters. */
    enum Entrance {
        /** By learned positions, the first in row 2 of their table; a norm stands behind the sum. */
        LEARNED,
        /** By sines and cosines, computed. */
        SINUSOIDAL,
        /** By the same, held in checkpoints. */
        SINUSOIDAL_STORED
    }

    ModelSpec spec(BartConfig c, Task task, DecoderStart start) {
        double deviation = or(c.initStd(), 0.02);
        var initialization = new Initialization.Normal(deviation, deviation);
        if (task == Task.CAUSAL_LM) {
            return new SingleStackModel.Spec(decoder(c), head(c, task), initialization);
        }
        return new Seq2SeqModel.Spec(
                new EncoderDecoder.Spec(encoder(c), decoder(c), c.table().tokens()),
                head(c, task), initialization, start);
    }

    /**
     * Behind a start token: the labels if they are text, else the source, as those do it that were trained to denoise.
     */
    static DecoderStart denoising(BartConfig c, Task task) {
        int start = or(c.decoderStartTokenId(), 2);
        return new DecoderStart.Shifted(sources(task), start, c.common().padTokenId().orElse(PADDING));
    }

    /** Behind a start token: the labels, and nothing else. */
    static DecoderStart labels(BartConfig c, Task task, int otherwise) {
        int start = or(c.decoderStartTokenId(), otherwise);
        return task == Task.SEQ2SEQ_LM
                ? new DecoderStart.Shifted(List.of("labels"), start, c.common().padTokenId().orElse(otherwise))
                : new DecoderStart.Given();
    }

    static List<String> sources(Task task) {
        return task == Task.SEQ2SEQ_LM ? List.of("labels", "input_ids") : List.of("input_ids");
    }

    private Stack.Spec encoder(BartConfig c) {
        int heads = c.encoderAttentionHeads();
        int headDim = headDim(family, "d_model", c.dModel(), "encoder_attention_heads", heads);
        var attention = SelfAttention.Spec.of(c.dModel(), heads, headDim, new FullMask())
                .withDropout(or(c.attentionDropout(), 0.0));
        var block = block(c, attention, c.encoderFfnDim());
        return stack(input(c, c.vocabSize(), Scaled.IDS), Collections.nCopies(c.encoderLayers(), block), c)
                .withLayerDrop(or(c.encoderLayerdrop(), 0.0));
    }

    private Stack.Spec decoder(BartConfig c) {
        int heads = c.decoderAttentionHeads();
        int headDim = headDim(family, "d_model", c.dModel(), "decoder_attention_heads", heads);
        var attention = SelfAttention.Spec.of(c.dModel(), heads, headDim, new CausalMask())
                .withDropout(or(c.attentionDropout(), 0.0));
        var cross = CrossAttention.Spec.of(c.dModel(), heads, headDim).withDropout(or(c.attentionDropout(), 0.0));
        var block = block(c, attention, c.decoderFfnDim()).withCrossAttention(Optional.of(cross));
        Scaled scaled = entrance == Entrance.LEARNED ? Scaled.IDS : Scaled.IDS_AND_VECTORS;
        return stack(input(c, c.targetVocabulary(), scaled), Collections.nCopies(c.decoderLayers(), block), c)
                .withLayerDrop(or(c.decoderLayerdrop(), 0.0));
    }

    private Block.Spec block(BartConfig c, SelfAttention.Spec attention, int inner) {
        Activation activation = Activation.named(or(c.activationFunction(), "gelu"));
        var feedForward = new Mlp.Spec(c.dModel(), inner, activation).withDropout(or(c.activationDropout(), 0.0));
        return Block.Spec.of(norm(c), order, attention, feedForward).withDropout(or(c.dropout(), 0.1));
    }

    private InputEmbedding.Spec input(BartConfig c, int vocabulary, Scaled scaled) {
        int width = c.dModel();
        int padding = c.common().padTokenId().orElse(-1);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(vocabulary, width, padding))
                .withScale(new InputEmbedding.Scale(or(c.scaleEmbedding(), false) ? Math.sqrt(width) : 1, scaled))
                .withDropout(or(c.dropout(), 0.1));
        int positions = c.maxPositionEmbeddings();
        var waves = new SinusoidalPositions.Spec(positions, width, SinusoidalPositions.Layout.HALVES);
        return switch (entrance) {
            case LEARNED -> input
                    .withPositions(new LearnedPositions.Spec(positions + 2, width), new PositionRule.InOrder(2))
                    .withNorm(norm(c));
            case SINUSOIDAL -> input.withPositions(waves);
            case SINUSOIDAL_STORED -> input.withPositions(
                    waves.withStorage(SinusoidalPositions.Storage.STORED));
        };
    }

    private Stack.Spec stack(InputEmbedding.Spec input, List<Block.Spec> blocks, BartConfig c) {
        Stack.Spec stack = Stack.Spec.of(input, blocks);
        return order == Block.NormOrder.PRE ? stack.withFinalNorm(norm(c)) : stack;
    }

    private static LayerNorm.Spec norm(BartConfig c) {
        return new LayerNorm.Spec(c.dModel(), 1e-5);
    }

    private Head.Spec head(BartConfig c, Task task) {
        int width = c.dModel();
        var languageModel = LanguageModelHead.Spec.of(
                c.targetVocabulary(), width, c.tiesOutput(task), LanguageModelHead.Target.SAME);
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case SEQ2SEQ_LM -> languageModel.withBias(LanguageModelHead.Bias.FIXED);
            case CAUSAL_LM -> languageModel;
            case SEQUENCE_CLASSIFICATION -> new LastEndClassificationHead.Spec(
                    width, classes(c), c.common().eosTokenId().orElse(2), or(c.classifierDropout(), 0.0),
                    c.common().problemType());
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            default -> throw new ConfigException(family + ": got task " + task + ", which has no head");
        };
    }

    private int classes(BartConfig c) {
        boolean said = c.other().containsKey("id2label") || c.other().containsKey("num_labels");
        return said ? c.common().labels().size() : labels;
    }
}
