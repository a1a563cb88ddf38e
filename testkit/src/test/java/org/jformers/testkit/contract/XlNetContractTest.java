package org.jformers.testkit.contract;

import java.util.Map;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Handles;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class XlNetContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 18, 2, 3, FamilySizes.ANY, 4, 5);

    private static String xlNet(String more) {
        return """
                {"model_type": "xlnet", "architectures": ["XLNetLMHeadModel"], "vocab_size": 43, "d_model": 18,
                 "n_layer": 2, "n_head": 3, "d_inner": 22, "start_n_top": 2, "end_n_top": 3, "id2label": {"0": "a",
                 "1": "b", "2": "c", "3": "d"}, "pad_token_id": 5, %s}
                """.formatted(more);
    }

    /** Targets and segments of the text are inputs that the contract does not give. */
    private abstract static class XlNetContract extends ModelFamilyContract {
        XlNetContract(String config) {
            super(config, SIZES, Task.CAUSAL_LM);
        }

        @Test
        final void decodingFreesWhatItRemembers() {
            with(model -> Handles.assertNoGrowth(() -> {
                try (NoGrad noGrad = new NoGrad();
                        DecodingRows decoding = new DecodingRows(model, ModelInputs.of(Map.of()))) {
                    decoding.next(Tensors.ofLongs(Sample.ids(2, 5, SIZES)));
                    decoding.next(Tensors.ofLongs(Sample.ids(2, 1, SIZES)));
                    decoding.reorder(Tensors.ofLongs(new long[] {1}, 1));
                    decoding.next(Tensors.ofLongs(Sample.ids(1, 1, SIZES)));
                }
            }));
        }

        @Override
        protected boolean isUsed(Task kind, String parameter) {
            return !parameter.endsWith("hiddenToken") && !parameter.contains(".segment");
        }
    }

    @Nested
    final class BothSides extends XlNetContract {
        BothSides() {
            super(xlNet("\"mem_len\": 4, \"clamp_len\": 3"));
        }
    }

    @Nested
    final class LeftToRight extends XlNetContract {
        LeftToRight() {
            super(xlNet("\"attn_type\": \"uni\", \"summary_type\": \"mean\", \"summary_use_proj\": false"));
        }
    }
}
