package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** What every encoder keeps besides: it sees both sides, and padding on the right changes nothing. */
public abstract class EncoderContract extends ModelFamilyContract {
    private static final long T = 7;

    /** See {@link ModelFamilyContract}; the family's model for hidden tokens is what most tests use. */
    protected EncoderContract(String config, FamilySizes sizes) {
        super(config, sizes, Task.MASKED_LM);
    }

    /** The label of two sentences where the family learns both of hidden tokens and of them. */
    protected String sentenceLabel() {
        return "next_sentence_label";
    }

    @Override
    ModelInputs labelled(Task kind) {
        ModelInputs inputs = super.labelled(kind);
        return kind == Task.PRETRAINING
                ? inputs.with(sentenceLabel(), Tensors.ofLongs(new long[] {0, 1}, Sample.ROWS))
                : inputs;
    }

    private Tensor ids() {
        return Tensors.ofLongs(Sample.ids(1, T, sizes));
    }

    private static Tensor logits(Model model, ModelInputs inputs) {
        return forward(model, inputs).logits();
    }

    @Test
    final void seesBothSides() {
        with(model -> {
            long[][] ids = Sample.ids(1, T, sizes);
            Tensor before = logits(model, ModelInputs.of(Tensors.ofLongs(ids)));
            for (int t : new int[] {0, (int) T - 1}) {
                long[][] changed = {ids[0].clone()};
                changed[0][t] = (changed[0][t] + 1) % sizes.vocabulary();
                Tensor after = logits(model, ModelInputs.of(Tensors.ofLongs(changed)));
                for (long position = 0; position < T; position++) {
                    assertThat(after.select(1, position)).differsFrom(before.select(1, position), ROUNDING);
                }
            }
        });
    }

    @Test
    final void paddingOnTheRightChangesNothing() {
        with(model -> {
            Tensor whole = logits(model, ModelInputs.of(ids()));
            Tensor padded = logits(model, ModelInputs.of(Map.of(
                    "input_ids", Sample.padded(ids(), 0, 2, sizes), "attention_mask", Sample.mask(T + 2, 0, T))));
            assertThat(padded.narrow(1, 0, T)).isCloseTo(whole, ROUNDING);
        });
    }

    @Test
    final void aRowOfPaddingAloneGivesNumbers() {
        with(model -> assertThat(logits(model, ModelInputs.of(Map.of(
                        "input_ids", ids(), "attention_mask", Sample.mask(T, 0, 0)))))
                .isFinite());
    }

    @Test
    final void vectorsInPlaceOfIdsChangeNothing() {
        with(model -> {
            Tensor table_VC = ((SingleStackModel) model).body().input().tokens().orElseThrow().table();
            Tensor vectors_1TC = table_VC.index_select(0, ids().flatten()).unsqueeze(0);
            assertThat(logits(model, ModelInputs.of(Map.of("inputs_embeds", vectors_1TC))))
                    .isCloseTo(logits(model, ModelInputs.of(ids())), ROUNDING);
        });
    }

    @Test
    final void refusesToContinueTextUnlessATokenAsksForTheNextOne() {
        for (Task kind : List.of(Task.MASKED_LM, Task.CAUSAL_LM)) {
            if (family().architectures().containsValue(kind)) {
                try (Model model = model(kind)) {
                    if (((SingleStackModel.Spec) model.identity().spec()).asking().isPresent()) {
                        continue;
                    }
                    assertThatThrownBy(() -> model.decoding())
                            .isInstanceOf(JformersException.class).hasMessageContaining("sees both sides");
                }
            }
        }
    }

    @Test
    final void returnsStatesOfAllLayers() {
        with(model -> assertStates(
                forward(model, ModelInputs.of(ids()).askingHiddenStates().askingAttentions()), "", "attentions"));
    }

    @Test
    final void theOutputLayerIsTheTokenTable() {
        with(model -> assertTied(
                model, ((SingleStackModel) model).body().input().tokens().orElseThrow().table(),
                ModelInputs.of(ids())));
    }
}
