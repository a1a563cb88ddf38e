package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;

/** Scores over the vocabulary for each position, by the shared token table or a table of its own. */
public final class LanguageModelHead extends Head {
    private static final Scalar IGNORED = Tensors.constant(Losses.IGNORED);
    /** Share of labelled positions above which the others are computed too rather than left out. */
    private static final double MOSTLY_LABELLED = 0.9;

    private final Spec spec;
    private final Optional<Linear> dense;
    private final Optional<Norm> norm;
    private final Linear output;
    private final Optional<Tensor> bias;
    private final Scalar scale;
    private final Optional<Scalar> softCap;

    /** Which token a position predicts. */
    public enum Target {
        /** The one behind it. */
        NEXT,
        /** The one that is hidden there. */
        SAME
    }

    /**
     * A map before the output layer, as BERT has it. Its output is as wide as the norm.
     *
     * @param activation behind the dense map
     * @param norm behind the activation
     * @param bias whether the dense map adds a constant
     */
    public record Transform(Activation activation, Norm.Spec norm, boolean bias) {
        /** With a bias. */
        public Transform(Activation activation, Norm.Spec norm) {
            this(activation, norm, true);
        }
    }

    /** A constant on the scores. */
    public enum Bias {
        NONE,
        /** A parameter {@code bias}. */
        TRAINED,
        /**
         * A parameter {@code bias}, and a buffer {@code spareBias} that is stored but adds nothing: BERT and its like
         * store both where the output layer is not tied.
         */
        TRAINED_AND_SPARE,
        /** A buffer {@code bias} that is stored but not trained, [1, V] (BART's final_logits_bias). */
        FIXED
    }

    /**
     * How scores come out of the output layer.
     *
     * @param scale factor on the vectors before it
     * @param softCap bound c of the scores, c tanh(score / c), if there is one
     */
    public record Scores(double scale, Optional<Double> softCap) {}

    /**
     * What labels are to the loss.
     *
     * @param target which token a position predicts
     * @param smoothing share of the target probability that is spread over all tokens, in [0, 1)
     * @param sparse the label of positions that are left out: given labels, only the others are scored, [positions, V]
     */
    public record Labels(Target target, double smoothing, Optional<Long> sparse) {
        /** No smoothing, all positions scored. */
        public static Labels of(Target target) {
            return new Labels(target, 0, Optional.empty());
        }
    }

    /**
     * @param vocabulary V
     * @param width C
     * @param tied whether the output layer shares the token table
     * @param transform before the output layer, if there is one
     * @param bias a constant on the scores
     * @param scores how scores come out of the output layer
     * @param labels what labels are to the loss
     */
    public record Spec(
            int vocabulary,
            int width,
            boolean tied,
            Optional<Transform> transform,
            Bias bias,
            Scores scores,
            Labels labels)
            implements Head.Spec {

        /** The output layer alone. */
        public static Spec of(int vocabulary, int width, boolean tied, Target target) {
            return new Spec(vocabulary, width, tied, Optional.empty(), Bias.NONE, new Scores(1, Optional.empty()),
                    Labels.of(target));
        }

        public Spec withTransform(Transform map) {
            return new Spec(vocabulary, width, tied, Optional.of(map), bias, scores, labels);
        }

        public Spec withBias(Bias kind) {
            return new Spec(vocabulary, width, tied, transform, kind, scores, labels);
        }

        public Spec withScores(Scores made) {
            return new Spec(vocabulary, width, tied, transform, bias, made, labels);
        }

        public Spec withLabels(Labels meant) {
            return new Spec(vocabulary, width, tied, transform, bias, scores, meant);
        }

        @Override
        public LanguageModelHead build(Optional<Embedding> tokens) {
            return new LanguageModelHead(this, tokens);
        }
    }

    private LanguageModelHead(Spec spec, Optional<Embedding> tokens) {
        this.spec = spec;
        int inner = spec.transform().map(t -> t.norm().width()).orElse(spec.width());
        output = spec.tied()
                ? child("output", Linear.sharing(tokens.orElseThrow().table()))
                : child("", new Linear.Spec(inner, spec.vocabulary(), false, Role.WEIGHT).build());
        dense = spec.transform()
                .map(t -> child("dense", new Linear.Spec(spec.width(), inner, t.bias(), Role.WEIGHT).build()));
        norm = spec.transform().map(t -> child("norm", t.norm().build()));
        bias = switch (spec.bias()) {
            case NONE -> Optional.empty();
            case TRAINED, TRAINED_AND_SPARE -> Optional.of(parameter("bias", Role.BIAS, spec.vocabulary()));
            case FIXED -> Optional.of(buffer("bias", 0, 1, spec.vocabulary()));
        };
        if (spec.bias() == Bias.TRAINED_AND_SPARE) {
            buffer("spareBias", 0, spec.vocabulary());
        }
        scale = Tensors.constant(spec.scores().scale());
        softCap = spec.scores().softCap().map(Tensors::constant);
    }

    @Override
    public boolean readsPadding(ModelInputs inputs) {
        return labelsPadding(inputs);
    }

    @Override
    public boolean ignoresPadding() {
        return true;
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        if (spec.labels().sparse().isPresent() && inputs.find("labels").isPresent()) {
            sparse(hidden_BTC, inputs.find("labels").get(), output);
            return;
        }
        Tensor logits_BTV = logits(hidden_BTC);
        output.put("logits", logits_BTV);
        inputs.find("labels").ifPresent(labels -> output.put("loss", meanLoss(logits_BTV, labels)));
    }

    private void sparse(Tensor hidden_BTC, Tensor labels_BT, ModelOutput output) {
        Tensor chosen_M = labels_BT.flatten().ne(new Scalar(spec.labels().sparse().get())).nonzero().flatten();
        Tensor logits_MV = logits(Rows.of(hidden_BTC.flatten(0, 1), chosen_M));
        output.put("logits", logits_MV);
        output.put("loss", meanLoss(logits_MV, Rows.of(labels_BT.flatten(), chosen_M)));
    }

    /** [..., C] to [..., V]. */
    public Tensor logits(Tensor hidden) {
        Tensor logits = output.forward(transformed(hidden), bias.map(Tensor::flatten));
        return softCap.isPresent() ? logits.div(softCap.get()).tanh().mul(softCap.get()) : logits;
    }

    /**
     * The loss of labelled positions, each against the token that is its label, wherever the head looks for it in
     * {@link #forward}: a head that predicts the next token is given the next token's id here. In less time and memory
     * than by way of {@link #logits}; with the label smoothing of the spec while training.
     *
     * @param hidden vectors [..., C]
     * @param labels int64 [...], -100 where ignored
     */
    public Loss loss(Tensor hidden, Tensor labels) {
        Tensor labelled_M = labels.flatten().ne(IGNORED).nonzero().flatten();
        long count = labelled_M.size(0);
        return count > 0 && count < labels.numel() * MOSTLY_LABELLED
                ? lossOfRows(
                        Rows.of(hidden.flatten(0, -2), labelled_M), Rows.of(labels.flatten(), labelled_M))
                : lossOfRows(hidden.flatten(0, -2), labels.flatten());
    }

    private Loss lossOfRows(Tensor hidden_RC, Tensor label_R) {
        double smoothing = training() ? spec.labels().smoothing() : 0;
        if (softCap.isPresent() || !output.isDense()) {
            return Losses.ofTokens(logits(hidden_RC), label_R, smoothing);
        }
        return new OutputLayerLoss(
                transformed(hidden_RC), label_R, output.weight(), bias.map(Tensor::flatten), smoothing).of();
    }

    @Override
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        return loss(hidden_BTC, inputs.require("labels"));
    }

    /** What enters the output layer. */
    private Tensor transformed(Tensor hidden) {
        Tensor x = hidden;
        if (spec.transform().isPresent()) {
            x = norm.get().forward(spec.transform().get().activation().apply(dense.get().forward(x)));
        }
        return spec.scores().scale() == 1 ? x : x.mul(scale);
    }

    /**
     * A model's head, or a part of it, as the one that scores a vocabulary.
     *
     * @throws JformersException if it is another one
     */
    public static LanguageModelHead of(Head head, String architecture) {
        if (head instanceof LanguageModelHead languageModel) {
            return languageModel;
        }
        if (head instanceof DoubleHead two) {
            return two.languageModel();
        }
        throw new JformersException("generate: got " + architecture
                + ", which has no language-model head; allowed tasks: CAUSAL_LM, DOUBLE_HEADS, SEQ2SEQ_LM");
    }

    /** What the head is. */
    public Spec spec() {
        return spec;
    }

    Tensor meanLoss(Tensor logits_BTV, Tensor labels_BT) {
        return spec.labels().target() == Target.NEXT
                ? Losses.nextToken(logits_BTV, labels_BT)
                : Losses.smoothedCrossEntropy(logits_BTV, labels_BT, spec.labels().smoothing());
    }
}
