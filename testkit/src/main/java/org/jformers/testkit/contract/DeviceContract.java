package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Config;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** What every family that reads text keeps: its models take what they are given to their device. */
abstract class DeviceContract {
    final FamilySizes sizes;

    DeviceContract(FamilySizes sizes) {
        this.sizes = sizes;
    }

    abstract Config config();

    abstract Set<Task> tasks();

    /** Inputs of a task with everything that its loss needs. */
    abstract ModelInputs labelled(Task kind);

    /**
     * What keeps the family's models from running on meta: operators of whose shapes the engine knows nothing, and
     * {@code values} where shapes follow from numbers.
     */
    protected Set<String> unknownOnMeta() {
        return Set.of();
    }

    @Test
    final void takesEverythingToItsDevice() {
        Set<String> unknown = new TreeSet<>();
        for (Task kind : tasks()) {
            Scopes.run(() -> {
                try (OnMeta both = new OnMeta(() -> AutoModel.create(config(), kind, 3))) {
                    ModelInputs inputs = labelled(kind);
                    Tensor mask = Sample.realButLast(inputs.require("input_ids"));
                    both.forwards(inputs);
                    both.forwards(inputs.with("attention_mask", mask).askingHiddenStates().askingAttentions());
                    both.loses(inputs);
                    both.loses(inputs.with("attention_mask", mask));
                    if (kind == Task.CAUSAL_LM || kind == Task.SEQ2SEQ_LM) {
                        goOn(ModelInputs.of(inputs.require("input_ids")), both);
                    }
                    unknown.addAll(both.unknown());
                }
            });
        }
        assertThat(unknown).isEqualTo(unknownOnMeta());
    }

    /** With a cache and token by token, where the model does so. */
    private void goOn(ModelInputs source, OnMeta both) {
        boolean pair = both.host() instanceof Seq2SeqModel;
        Tensor ids_BT = Tensors.ofLongs(Sample.ids(Sample.ROWS, Sample.LENGTH - 1, sizes));
        Tensor next_B1 = Tensors.ofLongs(Sample.ids(Sample.ROWS, 1, sizes));
        String ids = pair ? "decoder_input_ids" : "input_ids";
        both.continues(source.with(ids, ids_BT), source.with(ids, next_B1));
        Tensor rows_B = Tensors.ofLongs(new long[] {1, 0}, Sample.ROWS);
        Tensor mask = pair
                ? Sample.realButLast(source.require("input_ids"))
                : Sample.realButLast(ids_BT).flip(1);
        both.decodes(pair ? source : ModelInputs.of(Map.of()), ids_BT, next_B1, rows_B);
        both.decodes(source.with("attention_mask", mask), ids_BT, next_B1, rows_B);
    }
}
