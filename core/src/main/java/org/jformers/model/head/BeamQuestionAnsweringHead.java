package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;

/**
 * Where the answer begins, where it ends given its beginning, and whether there is one: the likeliest beginnings are
 * followed. Source: XLNet, arXiv:1906.08237; XLM has the same head.
 *
 * <p>Dimensions: B batch, T tokens, C width, N beginnings.
 */
public final class BeamQuestionAnsweringHead extends Head {
    private final Spec spec;
    private final Linear start;
    private final Linear endDense;
    private final Norm endNorm;
    private final Linear end;
    private final Linear answerDense;
    private final Linear answer;

    /**
     * @param width C
     * @param epsilon of the norm in the scores of the end
     * @param starts N, how many beginnings are followed
     * @param ends how many ends of each
     */
    public record Spec(int width, double epsilon, int starts, int ends) implements Head.Spec {
        @Override
        public BeamQuestionAnsweringHead build(Optional<Embedding> tokens) {
            return new BeamQuestionAnsweringHead(this);
        }
    }

    private BeamQuestionAnsweringHead(Spec spec) {
        this.spec = spec;
        int width = spec.width();
        start = child("start", new Linear.Spec(width, 1).build());
        endDense = child("endDense", new Linear.Spec(2 * width, width).build());
        endNorm = child("endNorm", new LayerNorm.Spec(width, spec.epsilon()).build());
        end = child("end", new Linear.Spec(width, 1).build());
        answerDense = child("answerDense", new Linear.Spec(2 * width, width).build());
        answer = child("answer", new Linear.Spec(width, 1, false, Role.WEIGHT).build());
    }

    @Override
    public Set<String> takes() {
        return Set.of("start_positions", "end_positions", "cls_index", "is_impossible", "p_mask");
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Optional<Tensor> hidden_BT = inputs.find("p_mask")
                .map(mask -> Tensors.beside(mask, hidden_BTC).gt(new Scalar(0)));
        Tensor start_BT = visible(start.forward(hidden_BTC).squeeze(2), hidden_BT);
        Optional<Tensor> from = inputs.find("start_positions").map(Tensor::flatten);
        Optional<Tensor> to = inputs.find("end_positions").map(Tensor::flatten);
        if (from.isPresent() && to.isPresent()) {
            output.put("loss", loss(hidden_BTC, start_BT, from.get(), to.get(), hidden_BT, inputs));
        } else {
            search(hidden_BTC, start_BT, hidden_BT, inputs, output);
        }
    }

    private Tensor loss(
            Tensor hidden_BTC, Tensor start_BT, Tensor from_B, Tensor to_B, Optional<Tensor> hidden_BT,
            ModelInputs inputs) {
        Tensor first_BC = Rows.at(hidden_BTC, from_B);
        Tensor end_BT = visible(ends(hidden_BTC, first_BC.unsqueeze(1).expand_as(hidden_BTC)), hidden_BT);
        Tensor span = Losses.crossEntropy(start_BT, from_B).add(Losses.crossEntropy(end_BT, to_B)).div(new Scalar(2));
        if (inputs.find("cls_index").isEmpty() || inputs.find("is_impossible").isEmpty()) {
            return span;
        }
        Tensor answer_B = answers(hidden_BTC, first_BC, inputs);
        Tensor none_B =
                Tensors.beside(inputs.find("is_impossible").get(), answer_B).flatten().to(ScalarType.Float);
        Tensor unanswerable = Losses.binary(answer_B.to(ScalarType.Float), none_B);
        return span.add(unanswerable.mul(new Scalar(0.5)));
    }

    private void search(
            Tensor hidden_BTC, Tensor start_BT, Optional<Tensor> hidden_BT, ModelInputs inputs, ModelOutput output) {
        long batch = hidden_BTC.size(0);
        long length = hidden_BTC.size(1);
        long width = hidden_BTC.size(2);
        Tensor startShare_BT = start_BT.softmax(-1);
        T_TensorTensor_T starts = torch.topk(startShare_BT, spec.starts());
        Tensor index_BNC = starts.get1().unsqueeze(2).expand(batch, spec.starts(), width);
        Tensor first_BTNC = hidden_BTC.gather(1, index_BNC).unsqueeze(1).expand(batch, length, spec.starts(), width);
        Tensor end_BTN = visible(
                ends(hidden_BTC.unsqueeze(2).expand_as(first_BTNC), first_BTNC), hidden_BT.map(h -> h.unsqueeze(2)));
        T_TensorTensor_T ends = torch.topk(end_BTN.softmax(1), spec.ends(), 1, true, true);
        Tensor first_BC = startShare_BT.unsqueeze(1).matmul(hidden_BTC).squeeze(1);
        output.put("start_top_log_probs", starts.get0()).put("start_top_index", starts.get1())
                .put("end_top_log_probs", ends.get0().flatten(1, 2)).put("end_top_index", ends.get1().flatten(1, 2))
                .put("cls_logits", answers(hidden_BTC, first_BC, inputs));
    }

    /** Scores of the end for tokens [..., C] with the first token of an answer [..., C]. */
    private Tensor ends(Tensor hidden, Tensor first) {
        Tensor both = Tensors.cat(-1, hidden, first);
        return end.forward(endNorm.forward(endDense.forward(both).tanh())).squeeze(-1);
    }

    /** Score that there is no answer, [B], from its first token and the token at {@code cls_index}, or the last one. */
    private Tensor answers(Tensor hidden_BTC, Tensor first_BC, ModelInputs inputs) {
        Tensor whole_BC = inputs.find("cls_index").isPresent()
                ? Rows.at(hidden_BTC, inputs.find("cls_index").get().flatten())
                : hidden_BTC.select(1, hidden_BTC.size(1) - 1);
        return answer.forward(answerDense.forward(Tensors.cat(-1, first_BC, whole_BC)).tanh()).squeeze(-1);
    }

    private static Tensor visible(Tensor scores, Optional<Tensor> hidden) {
        return hidden.isPresent() ? scores.masked_fill(hidden.get(), Tensors.never(Tensors.type(scores))) : scores;
    }
}
