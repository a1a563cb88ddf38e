package org.jformers.model.kind;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * Continues a text by a token that asks for the next one. What was read before could see that token, so that everything
 * is read anew each time. Padding on the left shifts the positions of a row.
 *
 * <p>Dimensions: B batch, T new tokens, S tokens read so far.
 */
final class AskingRows implements RowGroup {
    private final AskingToken asking;
    private final Reader reader;
    /** int64 [B, S]; null before the first token. */
    private @Nullable Tensor ids_BS;
    /** int64 [B, S], 1 for tokens; null while there is no padding. */
    private @Nullable Tensor real_BS;

    /** Scores of the last token, float32 [B, V]. */
    interface Reader {
        Tensor last(ModelInputs inputs);
    }

    AskingRows(AskingToken asking, ModelInputs prompt, Reader reader) {
        this.asking = asking;
        this.reader = reader;
        real_BS = prompt.find("attention_mask").map(mask -> Scopes.keep(mask.detach())).orElse(null);
    }

    @Override
    public Tensor next(Tensor ids_BT) {
        return Scopes.scoped(() -> {
            Tensor read_BS = replace(ids_BS == null ? ids_BT : Tensors.cat(1, ids_BS, ids_BT));
            Tensor one_B1 = torch.ones_like(read_BS.narrow(1, 0, 1));
            Tensor asked_BS = Tensors.cat(1, read_BS, one_B1.mul(new Scalar((long) asking.id())));
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            inputs.put("input_ids", asked_BS);
            asking.language().ifPresent(language ->
                    inputs.put("langs", torch.ones_like(asked_BS).mul(new Scalar((long) language))));
            realTokens(read_BS).ifPresent(real -> {
                Tensor all_BS = Tensors.cat(1, real, one_B1);
                inputs.put("attention_mask", all_BS);
                inputs.put("position_ids",
                        all_BS.cumsum(1).sub(new Scalar(1L)).clamp(new ScalarOptional(new Scalar(0L))));
            });
            return reader.last(ModelInputs.of(inputs));
        });
    }

    /** The mask of the tokens read so far: what was read behind the prompt is no padding. */
    private Optional<Tensor> realTokens(Tensor read_BS) {
        if (real_BS == null) {
            return Optional.empty();
        }
        long more = read_BS.size(1) - real_BS.size(1);
        Shapes.require("attention_mask", real_BS, read_BS.size(0), read_BS.size(1) - Math.max(0, more));
        return Optional.of(more == 0
                ? real_BS
                : Tensors.cat(1, real_BS, torch.ones_like(read_BS.narrow(1, 0, more))));
    }

    private Tensor replace(Tensor tokens_BS) {
        Tensor kept = Scopes.keep(tokens_BS.clone());
        if (ids_BS != null) {
            ids_BS.close();
        }
        ids_BS = kept;
        return kept;
    }

    @Override
    public void reorder(Tensor rows_B) {
        Scopes.run(() -> {
            if (ids_BS != null) {
                replace(ids_BS.index_select(0, rows_B));
            }
            if (real_BS != null) {
                Tensor kept = Scopes.keep(real_BS.index_select(0, rows_B));
                real_BS.close();
                real_BS = kept;
            }
        });
    }

    @Override
    public void close() {
        if (ids_BS != null) {
            ids_BS.close();
        }
        if (real_BS != null) {
            real_BS.close();
        }
    }
}
