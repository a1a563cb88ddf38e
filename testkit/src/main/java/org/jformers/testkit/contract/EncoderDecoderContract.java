package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;

/**
 * What every encoder-decoder keeps besides: a full view of the source, none ahead in the target, padding without
 * effect.
 */
public abstract class EncoderDecoderContract extends ModelFamilyContract {
    private static final long S = 6;
    private static final long T = 5;

    /** See {@link ModelFamilyContract}. */
    protected EncoderDecoderContract(String config, FamilySizes sizes) {
        super(config, sizes, Task.SEQ2SEQ_LM);
    }

    /** Heads that sum a sequence up look for its end; a decoder by itself still has weights for an encoder's output. */
    @Override
    final ModelInputs labelled(Task kind) {
        ModelInputs inputs = super.labelled(kind);
        return switch (kind) {
            case BASE -> inputs.with(
                    "decoder_input_ids", Tensors.ofLongs(Sample.ids(Sample.ROWS, Sample.LENGTH, sizes)));
            case CAUSAL_LM -> inputs.with("encoder_hidden_states", Sample.vectors(Sample.ROWS, 3, sizes));
            case SEQUENCE_CLASSIFICATION -> inputs.with("input_ids", ended(inputs.find("input_ids").get()));
            default -> inputs;
        };
    }

    /** The same rows with the end token in last place. */
    private Tensor ended(Tensor ids_BT) {
        long end = config().common().eosTokenId().orElseThrow();
        Tensor last_B1 = Tensors.ofLongs(new long[] {end, end}, Sample.ROWS, 1);
        return Tensors.cat(1, ids_BT.narrow(1, 0, Sample.LENGTH - 1), last_B1);
    }

    /** How far scores may move that have not seen a change; nothing, unless tokens are computed in changing groups. */
    Tolerance untouched() {
        return Tolerance.EXACT;
    }

    private Tensor source() {
        return Tensors.ofLongs(Sample.ids(1, S, sizes));
    }

    private Tensor target() {
        return Tensors.ofLongs(Sample.ids(1, T, sizes));
    }

    private static ModelInputs inputs(Tensor source, Tensor target) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("input_ids", source);
        inputs.put("decoder_input_ids", target);
        return ModelInputs.of(inputs);
    }

    private static Tensor logits(Model model, ModelInputs inputs) {
        return forward(model, inputs).logits();
    }

    @Test
    final void neverLooksAheadInTheTarget() {
        with(model -> {
            long[][] ids = Sample.ids(1, T, sizes);
            Tensor before = logits(model, inputs(source(), Tensors.ofLongs(ids)));
            for (int t = 0; t < T; t++) {
                long[][] changed = {ids[0].clone()};
                changed[0][t] = (changed[0][t] + 1) % sizes.vocabulary();
                Tensor after = logits(model, inputs(source(), Tensors.ofLongs(changed)));
                if (t > 0) {
                    assertThat(after.narrow(1, 0, t)).isCloseTo(before.narrow(1, 0, t), untouched());
                }
                assertThat(after.narrow(1, T - 1, 1)).differsFrom(before.narrow(1, T - 1, 1), ROUNDING);
            }
        });
    }

    @Test
    final void everyTargetTokenSeesTheWholeSource() {
        with(model -> {
            long[][] ids = Sample.ids(1, S, sizes);
            Tensor before = logits(model, inputs(Tensors.ofLongs(ids), target()));
            for (int s = 0; s < S; s++) {
                long[][] changed = {ids[0].clone()};
                changed[0][s] = (changed[0][s] + 1) % sizes.vocabulary();
                Tensor after = logits(model, inputs(Tensors.ofLongs(changed), target()));
                for (long t = 0; t < T; t++) {
                    assertThat(after.select(1, t)).differsFrom(before.select(1, t), ROUNDING);
                }
            }
        });
    }

    @Test
    final void paddingOnTheRightChangesNothing() {
        with(model -> {
            Tensor whole = logits(model, inputs(source(), target()));
            Tensor padded = logits(model, inputs(
                            Sample.padded(source(), 0, 3, sizes), Sample.padded(target(), 0, 2, sizes))
                    .with("attention_mask", Sample.mask(S + 3, 0, S))
                    .with("decoder_attention_mask", Sample.mask(T + 2, 0, T)));
            assertThat(padded.narrow(1, 0, T)).isCloseTo(whole, ROUNDING);
        });
    }

    @Test
    final void aCacheChangesNothing() {
        with(model -> {
            Tensor whole = logits(model, inputs(source(), target()));
            for (long first = 1; first < T; first++) {
                try (KeyValueCache cache = model.newCache()) {
                    assertThat(logits(model, inputs(source(), target().narrow(1, 0, first)).withCache(cache)))
                            .isCloseTo(whole.narrow(1, 0, first), ROUNDING);
                    assertThat(logits(model, inputs(source(), target().narrow(1, first, T - first)).withCache(cache)))
                            .isCloseTo(whole.narrow(1, first, T - first), ROUNDING);
                    assertThat(cache.length()).isEqualTo(T);
                }
            }
        });
    }

    @Test
    final void decodingReadsOnWhatItHasRead() {
        with(model -> {
            Tensor whole = logits(model, inputs(source(), target()));
            Map<String, Tensor> padded = Map.of(
                    "input_ids", Sample.padded(source(), 0, 2, sizes), "attention_mask", Sample.mask(S + 2, 0, S));
            Tensor rows = Tensors.ofLongs(new long[] {0, 0}, 2);
            try (NoGrad noGrad = new NoGrad();
                    DecodingRows decoding = new DecodingRows(model, ModelInputs.of(padded))) {
                for (long t = 0; t < T - 1; t++) {
                    assertThat(decoding.next(target().narrow(1, t, 1))).isCloseTo(whole.select(1, t), ROUNDING);
                }
                decoding.reorder(rows);
                assertThat(decoding.next(target().narrow(1, T - 1, 1).index_select(0, rows)))
                        .isCloseTo(whole.select(1, T - 1).index_select(0, rows), ROUNDING);
            }
        });
    }

    @Test
    final void returnsStatesOfAllLayers() {
        with(model -> {
            ModelOutput output = forward(model, inputs(source(), target()).askingHiddenStates().askingAttentions());
            assertStates(output, "encoder_", "encoder_attentions");
            assertStates(output, "decoder_", "decoder_attentions");
            assertStates(output, "decoder_", "cross_attentions");
            assertThat(output.get("cross_attentions.0").shape()).containsExactly(1, sizes.heads(), T, S);
        });
    }

    @Test
    final void theOutputLayerIsTheTokenTable() {
        with(model -> assertTied(
                model, ((Seq2SeqModel) model).body().decoder().input().tokens().orElseThrow().table(),
                inputs(source(), target())));
    }
}
