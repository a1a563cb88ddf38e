package org.jformers.model.kind;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.head.Rows;
import org.jformers.tensor.Tensors;

/**
 * How far a spectrogram written frame by frame is from a recording: absolute error before and behind the postnet,
 * whether it stops where the recording does, and attention to the text that leaves the diagonal. Sources: Tacotron 2,
 * arXiv:1712.05884; guided attention: arXiv:1710.08969, 4.1.
 *
 * <p>Dimensions: B batch, F frames, M mel bands, U vectors of the decoder, S tokens, N heads.
 *
 * @param framesPerVector frames that each vector becomes
 * @param guide whether attention is held to the diagonal, and how
 */
public record SpeechLoss(int framesPerVector, Optional<Guide> guide) {
    /** What fills a spectrogram behind its end. */
    static final double PADDING = -100;

    private static final long MEAN = 1;
    /** A recording has many frames and one end. */
    private static final float STOP_WEIGHT = 5;

    /**
     * How attention is held to the diagonal.
     *
     * @param heads heads of each layer that are, the first ones
     * @param width of the diagonal, as a share of the text
     * @param scale factor on this part of the loss
     */
    public record Guide(int heads, double width, double scale) {}

    /**
     * The loss, a scalar.
     *
     * @param rough_BFM frames before the postnet
     * @param refined_BFM frames behind it
     * @param stop_BF scores of stopping behind each frame
     * @param label_BFM the recording, on the host
     * @param realToken_BS bool on the host, true for tokens that are no padding
     * @param weights_BNUS attention to the text in each layer
     */
    Tensor of(
            Tensor rough_BFM,
            Tensor refined_BFM,
            Tensor stop_BF,
            Tensor label_BFM,
            Tensor realToken_BS,
            List<Tensor> weights_BNUS) {
        Tensor real_BFM = label_BFM.ne(new Scalar(PADDING));
        Tensor label = Tensors.beside(Rows.where(label_BFM, real_BFM), rough_BFM);
        Tensor error = torch.l1_loss(Rows.where(refined_BFM, real_BFM), label, MEAN)
                .add(torch.l1_loss(Rows.where(rough_BFM, real_BFM), label, MEAN));
        Tensor real_BF = real_BFM.select(2, 0);
        Tensor loss = error.add(stops(stop_BF, real_BF));
        return guide.isPresent()
                ? loss.add(strays(guide.get(), weights_BNUS, realToken_BS, thinned(real_BF, framesPerVector)))
                : loss;
    }

    /** Every n-th frame, the last of each group: what the decoder's vectors stand for. */
    static Tensor thinned(Tensor x, int framesPerVector) {
        if (framesPerVector == 1) {
            return x;
        }
        long groups = x.size(1) / framesPerVector;
        long[] last = new long[Math.toIntExact(groups)];
        for (int i = 0; i < last.length; i++) {
            last[i] = (i + 1L) * framesPerVector - 1;
        }
        return Tensors.pick(x, 1, Tensors.ofLongs(last, last.length));
    }

    /** The frame to stop behind is the last real one of its row. */
    private static Tensor stops(Tensor stop_BF, Tensor real_BF) {
        Tensor padding_BF = real_BF.logical_not().to(ScalarType.Float);
        Tensor end_B1 = torch.ones_like(padding_BF.narrow(1, 0, 1));
        Tensor ends_BF = Tensors.cat(1, padding_BF.narrow(1, 1, padding_BF.size(1) - 1), end_B1);
        Tensor weight = Tensors.beside(Tensors.ofFloats(new float[] {STOP_WEIGHT}, 1), stop_BF);
        return torch.binary_cross_entropy_with_logits(
                Rows.where(stop_BF, real_BF).to(ScalarType.Float),
                Tensors.beside(Rows.where(ends_BF, real_BF), stop_BF),
                new TensorOptional(), new TensorOptional(weight), MEAN);
    }

    private static Tensor strays(Guide guide, List<Tensor> weights_BNUS, Tensor realToken_BS, Tensor real_BU) {
        Tensor[] heads = weights_BNUS.stream()
                .map(one -> one.narrow(1, 0, Math.min(guide.heads(), one.size(1))))
                .toArray(Tensor[]::new);
        Tensor weight_BHUS = torch.cat(new TensorVector(heads), 1);
        Tensor token_B1S = share(realToken_BS).unsqueeze(1);
        Tensor vector_BU1 = share(real_BU).unsqueeze(2);
        Tensor off_BUS = token_B1S.sub(vector_BU1).square().div(new Scalar(-2 * guide.width() * guide.width()));
        Tensor cost_B1US = off_BUS.exp().neg().add(new Scalar(1)).unsqueeze(1);
        Tensor real_B1US = real_BU.unsqueeze(2).logical_and(realToken_BS.unsqueeze(1)).unsqueeze(1);
        return Rows.where(weight_BHUS.mul(Tensors.beside(cost_B1US, weight_BHUS)), real_B1US).mean()
                .mul(new Scalar(guide.scale()));
    }

    /** Positions [B, X] as shares of the real length of their row. */
    private static Tensor share(Tensor real_BX) {
        Tensor length_B1 = real_BX.sum(new long[] {1}, true, new ScalarTypeOptional()).to(ScalarType.Float);
        return Tensors.range(0, real_BX.size(1), real_BX).to(ScalarType.Float).unsqueeze(0).div(length_B1);
    }
}
