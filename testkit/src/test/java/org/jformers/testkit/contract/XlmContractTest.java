package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class XlmContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 15, 3, 3, 11, 4, 2);
    private static final Tolerance ROUNDING = new Tolerance(2e-5, 1e-4);

    private static String json(String more) {
        return """
                {"model_type": "xlm", "architectures": ["XLMWithLMHeadModel"], "vocab_size": 43, "emb_dim": 15,
                 "n_layers": 3, "n_heads": 3, "max_position_embeddings": 11, "mask_token_id": 5, "lang_id": 1,
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 2 %s}
                """.formatted(more);
    }

    @Nested
    final class InManyLanguages extends EncoderContract {
        InManyLanguages() {
            super(json(", \"n_langs\": 3, \"summary_type\": \"mean\", \"summary_activation\": \"tanh\""), SIZES);
        }

        @Override
        ModelInputs labelled(Task kind) {
            ModelInputs inputs = super.labelled(kind);
            return inputs.with("langs", inputs.find("input_ids").get().remainder(new Scalar(3L)));
        }
    }

    @Nested
    final class InOneLanguage extends EncoderContract {
        InOneLanguage() {
            super(json(", \"gelu_activation\": false, \"sinusoidal_embeddings\": true"), SIZES);
        }
    }

    private static Model model(String more, Task task) throws Exception {
        Model model = AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(json(more)), "test"), task, 3);
        Sample.randomise(model);
        return model;
    }

    private static Tensor logits(Model model, ModelInputs inputs) {
        return ModelFamilyContract.forward(model, inputs).logits();
    }

    @Test
    void aMaskTokenInItsLanguageAsksForTheNextOne() throws Exception {
        try (Model model = model(", \"n_langs\": 3", Task.MASKED_LM)) {
            Scopes.run(() -> {
                Tensor ids_BT = Tensors.ofLongs(Sample.ids(2, 6, SIZES));
                Tensor real_BS = Tensors.ofLongs(new long[][] {{0, 0, 1, 1, 1}, {0, 0, 1, 1, 1}});
                Tensor pad_B2 = torch.ones_like(ids_BT.narrow(1, 0, 2)).mul(new Scalar(2L));
                Tensor swap = Tensors.ofLongs(new long[] {1, 0}, 2);
                try (NoGrad noGrad = new NoGrad();
                        DecodingRows plain = new DecodingRows(model, ModelInputs.of(Map.of()));
                        DecodingRows padded = new DecodingRows(
                                model, ModelInputs.of(Map.of("attention_mask", real_BS)))) {
                    Tensor prompt_BT = ids_BT.narrow(1, 0, 3);
                    assertThat(plain.next(prompt_BT)).isCloseTo(asked(model, prompt_BT), ROUNDING);
                    assertThat(padded.next(Tensors.cat(1, pad_B2, prompt_BT)))
                            .isCloseTo(asked(model, prompt_BT), ROUNDING);
                    plain.reorder(swap);
                    padded.reorder(swap);
                    Tensor swapped_BT = ids_BT.index_select(0, swap);
                    Tensor more_BT = swapped_BT.narrow(1, 3, 1);
                    assertThat(plain.next(more_BT)).isCloseTo(asked(model, swapped_BT.narrow(1, 0, 4)), ROUNDING);
                    assertThat(padded.next(more_BT)).isCloseTo(asked(model, swapped_BT.narrow(1, 0, 4)), ROUNDING);
                }
            });
        }
    }

    /** Scores of a mask token behind the ids. */
    private static Tensor asked(Model model, Tensor ids_BT) {
        Tensor one_B1 = torch.ones_like(ids_BT.narrow(1, 0, 1));
        Tensor all_BT = Tensors.cat(1, ids_BT, one_B1.mul(new Scalar(5L)));
        return logits(model, ModelInputs.of(all_BT).with("langs", torch.ones_like(all_BT))).select(1, ids_BT.size(1));
    }

    @Test
    void leadingTokensAreRealWhereNoMaskSaysIt() throws Exception {
        try (Model model = model("", Task.MASKED_LM)) {
            Scopes.run(() -> {
                Tensor ids_1T = Tensors.ofLongs(new long[][] {{7, 8, 9, 2, 2}});
                assertThat(logits(model, ModelInputs.of(ids_1T))).hasValuesOf(logits(model,
                        ModelInputs.of(ids_1T).with("attention_mask", Sample.mask(5, 0, 3))));
            });
        }
    }

    @Test
    void aCausalOneNeverLooksAhead() throws Exception {
        try (Model model = model(", \"causal\": true", Task.MASKED_LM)) {
            Scopes.run(() -> {
                Tensor ids_1T = Tensors.ofLongs(Sample.ids(1, 6, SIZES));
                assertThat(logits(model, ModelInputs.of(ids_1T)).narrow(1, 0, 4))
                        .isCloseTo(logits(model, ModelInputs.of(ids_1T.narrow(1, 0, 4))), ROUNDING);
            });
        }
    }

    @Test
    void refusesWhatTheReferenceDoesNotDo() {
        assertThatThrownBy(() -> model(", \"asm\": true", Task.BASE))
                .isInstanceOf(ConfigException.class).hasMessageContaining("got asm true, allowed false");
        assertThatThrownBy(() -> model(", \"is_encoder\": false", Task.BASE))
                .isInstanceOf(ConfigException.class).hasMessageContaining("got is_encoder false");
        assertThatThrownBy(() -> model(", \"summary_use_proj\": false", Task.SEQUENCE_CLASSIFICATION))
                .isInstanceOf(ConfigException.class).hasMessageContaining("summary of width 15");
    }
}
