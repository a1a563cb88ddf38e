package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.EncoderHeads;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.PretrainingHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * ALBERT: a BERT whose layers share their parameters and whose token vectors are narrower than its layers.
 *
 * <p>Reference: arXiv:1909.11942; transformers 5.18 {@code models/albert}.
 *
 * <p>Differences from BERT: a linear map leads from the entrance to the layers; layers come in groups of a few blocks,
 * and all layers of a group are the same blocks; sentences are in order or swapped; GELU is the tanh approximation.
 * Dropout stands behind both parts of a layer, as in the paper; the reference leaves out that behind the feed-forward
 * part.
 */
public final class Albert implements ModelFamily<Albert.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            @Nullable Integer embeddingSize,
            int hiddenSize,
            int numHiddenLayers,
            @Nullable Integer numHiddenGroups,
            int numAttentionHeads,
            int intermediateSize,
            @Nullable Integer innerGroupNum,
            @Nullable String hiddenAct,
            @Nullable Double hiddenDropoutProb,
            @Nullable Double attentionProbsDropoutProb,
            int maxPositionEmbeddings,
            @Nullable Integer typeVocabSize,
            @Nullable Double initializerRange,
            @Nullable Double layerNormEps,
            @Nullable Double classifierDropoutProb,
            @Nullable String positionEmbeddingType,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        private int groups() {
            return or(numHiddenGroups, 1);
        }

        private int inner() {
            return or(innerGroupNum, 1);
        }
    }

    @Override
    public String modelType() {
        return "albert";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "AlbertModel", Task.BASE,
                "AlbertForPreTraining", Task.PRETRAINING,
                "AlbertForMaskedLM", Task.MASKED_LM,
                "AlbertForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "AlbertForMultipleChoice", Task.MULTIPLE_CHOICE,
                "AlbertForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "AlbertForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = c.hiddenSize();
        int narrow = or(c.embeddingSize(), 128);
        int headDim = headDim("albert", "hidden_size", width, "num_attention_heads", c.numAttentionHeads());
        BertLayers.requireAbsolute("albert", c.positionEmbeddingType());
        double dropout = or(c.hiddenDropoutProb(), 0.0);
        double epsilon = or(c.layerNormEps(), 1e-12);
        var activation = Activation.named(or(c.hiddenAct(), "gelu_new"));
        var narrowNorm = new LayerNorm.Spec(narrow, epsilon);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), narrow, c.common().padTokenId().orElse(0)))
                .withPositions(new LearnedPositions.Spec(c.maxPositionEmbeddings(), narrow))
                .withSegments(new Embedding.Spec(or(c.typeVocabSize(), 2), narrow, -1))
                .withNorm(narrowNorm).withDropout(dropout).withProjection(width, InputEmbedding.Projection.Place.LAST);
        var attention = SelfAttention.Spec.of(width, c.numAttentionHeads(), headDim, new FullMask())
                .withDropout(or(c.attentionProbsDropoutProb(), 0.0));
        var block = Block.Spec.of(
                        new LayerNorm.Spec(width, epsilon), Block.NormOrder.POST, attention,
                        new Mlp.Spec(width, c.intermediateSize(), activation)
                                .withChunk(c.common().feedForwardChunk()))
                .withDropout(dropout);
        double range = or(c.initializerRange(), 0.02);
        var languageModel = BertLayers.scores(c.common(), c.vocabSize(), width, "predictions.")
                .withTransform(new LanguageModelHead.Transform(activation, narrowNorm));
        double classifierDropout = or(c.classifierDropoutProb(), 0.1);
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, new Stack.Layers(Collections.nCopies(c.groups() * c.inner(), block), order(c))),
                task == Task.PRETRAINING
                        ? new PretrainingHead.Spec(languageModel, PretrainingHead.Relation.SENTENCE_ORDER,
                                c.common().labels().size(), classifierDropout)
                        : EncoderHeads.of("albert", c.common(), languageModel, classifierDropout).of(task),
                new Initialization.Normal(range, range));
    }

    /**
     * Which block each layer is: the layers are divided evenly among the groups, and each runs all blocks of its group.
     */
    private static List<Integer> order(Config c) {
        if (c.groups() < 1 || c.inner() < 1) {
            throw new ConfigException("albert: got num_hidden_groups " + c.groups() + " and inner_group_num "
                    + c.inner() + ", allowed >= 1 each");
        }
        double perGroup = (double) c.numHiddenLayers() / c.groups();
        return IntStream.range(0, c.numHiddenLayers())
                .map(layer -> (int) (layer / perGroup) * c.inner())
                .flatMap(first -> IntStream.range(first, first + c.inner()))
                .boxed().toList();
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String head = task == Task.PRETRAINING ? "head.languageModel." : "head.";
        var map = BertLayers.embeddings("albert.")
                .module("albert.encoder.embedding_hidden_mapping_in", "body.input.projection");
        for (int i = 0; i < c.groups() * c.inner(); i++) {
            String layer = "albert.encoder.albert_layer_groups.%d.albert_layers.%d."
                    .formatted(i / c.inner(), i % c.inner());
            String self = layer + "attention.";
            String block = "body.blocks." + i + ".";
            map.stacked(List.of(self + "query", self + "key", self + "value"), block + "attention.qkv")
                    .module(self + "dense", block + "attention.out")
                    .module(self + "LayerNorm", block + "attentionNorm")
                    .module(layer + "ffn", block + "feedForward.in")
                    .module(layer + "ffn_output", block + "feedForward.out")
                    .module(layer + "full_layer_layer_norm", block + "feedForwardNorm");
        }
        map.module("albert.pooler", "head.summary.dense")
                .module("predictions.dense", head + "dense")
                .module("predictions.LayerNorm", head + "norm")
                .module("sop_classifier.classifier", "head.relation")
                .module("classifier", task == Task.TOKEN_CLASSIFICATION ? "head.tokenClassifier" : "head.classifier")
                .module("qa_outputs", "head.span");
        BertLayers.output(map, c.common(), "predictions.", head);
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }
}
