package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** What every decoder keeps besides: it never looks ahead, and a cache or padding on the left changes nothing. */
public abstract class DecoderContract extends ModelFamilyContract {
    private static final long T = 7;

    /** See {@link ModelFamilyContract}; the family's model for the next token is what most tests use. */
    protected DecoderContract(String config, FamilySizes sizes) {
        super(config, sizes, Task.CAUSAL_LM);
    }

    /** What {@code token_type_ids} are to a family. */
    protected enum Segments {
        /** Refused. */
        NONE,
        /** Numbers of vectors of their own, the first where none are given. */
        TABLE,
        /** Ids of tokens, whose vectors are added. */
        TOKENS
    }

    /** What {@code token_type_ids} are to the family. */
    protected Segments segments() {
        return Segments.NONE;
    }

    private Tensor ids() {
        return Tensors.ofLongs(Sample.ids(1, T, sizes));
    }

    private static Tensor logits(Model model, ModelInputs inputs) {
        return forward(model, inputs).logits();
    }

    @Test
    final void neverLooksAhead() {
        with(model -> {
            long[][] ids = Sample.ids(1, T, sizes);
            Tensor before = logits(model, ModelInputs.of(Tensors.ofLongs(ids)));
            for (int t = 0; t < T; t++) {
                long[][] changed = {ids[0].clone()};
                changed[0][t] = (changed[0][t] + 1) % sizes.vocabulary();
                Tensor after = logits(model, ModelInputs.of(Tensors.ofLongs(changed)));
                if (t > 0) {
                    assertThat(after.narrow(1, 0, t)).hasValuesOf(before.narrow(1, 0, t));
                }
                assertThat(after.narrow(1, t, 1)).differsFrom(before.narrow(1, t, 1), ROUNDING);
                assertThat(after.narrow(1, T - 1, 1)).differsFrom(before.narrow(1, T - 1, 1), ROUNDING);
            }
        });
    }

    @Test
    final void aCacheChangesNothing() {
        with(model -> {
            Tensor whole = logits(model, ModelInputs.of(ids()));
            for (long first = 1; first < T; first++) {
                try (KeyValueCache cache = model.newCache()) {
                    Tensor head = ids().narrow(1, 0, first);
                    assertThat(logits(model, ModelInputs.of(head).withCache(cache)))
                            .isCloseTo(whole.narrow(1, 0, first), ROUNDING);
                    for (long t = first; t < T; t++) {
                        Tensor one = ids().narrow(1, t, 1);
                        assertThat(logits(model, ModelInputs.of(one).withCache(cache)))
                                .isCloseTo(whole.narrow(1, t, 1), ROUNDING);
                    }
                    assertThat(cache.length()).isEqualTo(T);
                }
                try (KeyValueCache cache = model.newCache()) {
                    logits(model, ModelInputs.of(ids().narrow(1, 0, first)).withCache(cache));
                    Tensor rest = ids().narrow(1, first, T - first);
                    assertThat(logits(model, ModelInputs.of(rest).withCache(cache)))
                            .isCloseTo(whole.narrow(1, first, T - first), ROUNDING);
                }
            }
        });
    }

    @Test
    final void paddingOnTheLeftChangesNothing() {
        with(model -> {
            Tensor whole = logits(model, ModelInputs.of(ids()));
            long padding = 3;
            long first = ((SingleStackModel) model).body().input().firstPosition();
            Tensor positions = Tensors.cat(1, Tensors.ofLongs(new long[(int) padding], 1, padding),
                    Tensors.range(first, first + T).unsqueeze(0));
            Tensor padded = logits(model, ModelInputs.of(Map.of(
                    "input_ids", Sample.padded(ids(), padding, 0, sizes),
                    "attention_mask", Sample.mask(padding + T, padding, padding + T),
                    "position_ids", positions)));
            assertThat(padded).isFinite();
            assertThat(padded.narrow(1, padding, T)).isCloseTo(whole, ROUNDING);
        });
    }

    @Test
    final void decodingReadsOnWhatItHasRead() {
        with(model -> {
            Tensor whole = logits(model, ModelInputs.of(ids()));
            Map<String, Tensor> mask = Map.of("attention_mask", Sample.mask(2 + 3, 2, 5));
            try (NoGrad noGrad = new NoGrad();
                    DecodingRows plain = new DecodingRows(model, ModelInputs.of(Map.of()));
                    DecodingRows padded = new DecodingRows(model, ModelInputs.of(mask))) {
                Tensor prompt = ids().narrow(1, 0, 3);
                assertThat(plain.next(prompt)).isCloseTo(whole.select(1, 2), ROUNDING);
                assertThat(padded.next(Sample.padded(prompt, 2, 0, sizes))).isCloseTo(whole.select(1, 2), ROUNDING);
                for (long t = 3; t < T; t++) {
                    assertThat(plain.next(ids().narrow(1, t, 1))).isCloseTo(whole.select(1, t), ROUNDING);
                    assertThat(padded.next(ids().narrow(1, t, 1))).isCloseTo(whole.select(1, t), ROUNDING);
                }
            }
        });
    }

    @Test
    final void decodingContinuesTheRowsItIsToldTo() {
        with(model -> {
            Tensor two = Tensors.ofLongs(Sample.ids(2, T, sizes));
            Tensor whole = logits(model, ModelInputs.of(two));
            Tensor rows = Tensors.ofLongs(new long[] {1, 0, 1}, 3);
            try (NoGrad noGrad = new NoGrad();
                    DecodingRows decoding = new DecodingRows(model, ModelInputs.of(Map.of()))) {
                decoding.next(two.narrow(1, 0, T - 1));
                decoding.reorder(rows);
                Tensor last = two.narrow(1, T - 1, 1).index_select(0, rows);
                assertThat(decoding.next(last)).isCloseTo(whole.select(1, T - 1).index_select(0, rows), ROUNDING);
            }
        });
    }

    @Test
    final void vectorsInPlaceOfIdsChangeNothing() {
        with(model -> {
            InputEmbedding entrance = (InputEmbedding) ((SingleStackModel) model).body().input();
            Tensor table_VC = entrance.tokens().orElseThrow().table();
            boolean idsOnly = entrance.spec().scale().scaled() != InputEmbedding.Scaled.IDS_AND_VECTORS;
            Tensor vectors_1TC = table_VC.index_select(0, ids().flatten()).unsqueeze(0)
                    .mul(new Scalar(idsOnly ? entrance.spec().scale().factor() : 1));
            assertThat(logits(model, ModelInputs.of(Map.of("inputs_embeds", vectors_1TC))))
                    .isCloseTo(logits(model, ModelInputs.of(ids())), ROUNDING);
        });
    }

    @Test
    final void segmentsAreWhatTheFamilySays() {
        with(model -> {
            Tensor segments_1T = ids().flip(1).fmod(new Scalar(2));
            ModelInputs divided = ModelInputs.of(ids()).with("token_type_ids", segments_1T);
            switch (segments()) {
                case NONE -> assertThatThrownBy(() -> logits(model, divided))
                        .isInstanceOf(ShapeException.class).hasMessageContaining("token_type_ids");
                case TABLE -> {
                    Tensor undivided = logits(model, ModelInputs.of(ids()));
                    assertThat(logits(model, ModelInputs.of(ids()).with("token_type_ids", ids().mul(new Scalar(0)))))
                            .hasValuesOf(undivided);
                    assertThat(logits(model, divided)).differsFrom(undivided, ROUNDING);
                }
                case TOKENS -> {
                    InputEmbedding entrance = (InputEmbedding) ((SingleStackModel) model).body().input();
                    Tensor table_VC = entrance.tokens().orElseThrow().table();
                    Tensor sum_1TC = table_VC.index_select(0, ids().flatten())
                            .add(table_VC.index_select(0, segments_1T.flatten())).unsqueeze(0);
                    assertThat(logits(model, divided))
                            .isCloseTo(logits(model, ModelInputs.of(Map.of("inputs_embeds", sum_1TC))), ROUNDING);
                }
            }
        });
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
