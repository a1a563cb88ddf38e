package org.jformers.testkit.contract;

import java.util.Set;
import org.jformers.model.Task;
import org.junit.jupiter.api.Nested;

final class TransfoXlContractTest {
    private static final FamilySizes SIZES = new FamilySizes(43, 18, 2, 3, FamilySizes.ANY, 4, 42);

    private static String transfoXl(String more) {
        return """
                {"model_type": "transfo-xl", "architectures": ["TransfoXLForSequenceClassification"], "vocab_size": 43,
                 "d_model": 18, "d_embed": 12, "n_layer": 2, "n_head": 3, "d_head": 5, "d_inner": 22, "mem_len": 4,
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}, "pad_token_id": 42, %s}
                """.formatted(more);
    }

    /** With labels there are losses and no scores. */
    private abstract static class TransfoXlContract extends ModelFamilyContract {
        TransfoXlContract(String config) {
            super(config, SIZES, Task.SEQUENCE_CLASSIFICATION);
        }

        @Override
        protected boolean isReturned(Task kind, String output) {
            return kind != Task.CAUSAL_LM || !output.equals("logits");
        }

        /** The mean of the losses that are not zero. */
        @Override
        protected Set<String> unknownOnMeta() {
            return Set.of("aten::masked_select");
        }
    }

    @Nested
    final class Clusters extends TransfoXlContract {
        Clusters() {
            super(transfoXl("\"cutoffs\": [10, 25], \"div_val\": 2, \"clamp_len\": 3"));
        }
    }

    /** One table with a map, biases shared by the layers, norms first. */
    @Nested
    final class OneTable extends TransfoXlContract {
        OneTable() {
            super(transfoXl("""
                    "cutoffs": [20], "div_val": 1, "untie_r": false, "pre_lnorm": true, "same_length": false,
                    "tie_projs": [true, false], "clamp_len": -1
                    """));
        }
    }

    /** No clusters, nothing shared with the output layer. */
    @Nested
    final class Plain extends TransfoXlContract {
        Plain() {
            super(transfoXl("\"cutoffs\": [], \"div_val\": 1, \"tie_word_embeddings\": false, \"tie_projs\": [false]"));
        }
    }
}
