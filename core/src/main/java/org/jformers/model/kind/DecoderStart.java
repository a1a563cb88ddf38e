package org.jformers.model.kind;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.ModelInputs;
import org.jformers.model.head.Losses;
import org.jformers.nn.mask.Documents;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/** What the decoder of an encoder-decoder reads where the caller gives it nothing. */
public sealed interface DecoderStart {

    /** The decoder's tokens, int64 [B, T]; empty if they do not follow from the inputs. */
    Optional<Tensor> ids(ModelInputs inputs);

    /** Nothing: the caller must say it. */
    record Given() implements DecoderStart {
        @Override
        public Optional<Tensor> ids(ModelInputs inputs) {
            return Optional.empty();
        }
    }

    /**
     * A sequence moved one place to the right behind a start token; labels that are ignored become padding (T5, BART);
     * a start token before each document, where the target holds several.
     *
     * @param sources names of the inputs that may be that sequence; the first one that is there counts
     * @param startId the start token
     * @param paddingId the padding token
     */
    record Shifted(List<String> sources, int startId, int paddingId) implements DecoderStart {
        @Override
        public Optional<Tensor> ids(ModelInputs inputs) {
            return first(inputs, sources).map(source_BT -> {
                Tensor start_B1 = torch.full_like(source_BT.narrow(1, 0, 1), new Scalar((long) startId));
                Tensor ids_BT = behind(start_B1, padded(source_BT, paddingId));
                return inputs.find("decoder_document_ids")
                        .map(documents -> ids_BT.masked_fill(
                                Documents.of(documents).positions().eq(new Scalar(0L)), new Scalar((long) startId)))
                        .orElse(ids_BT);
            });
        }
    }

    /**
     * The same behind the sequence's own last token that is no padding: mBART's language code.
     *
     * @param sources as above
     * @param paddingId the padding token
     */
    record Rotated(List<String> sources, int paddingId) implements DecoderStart {
        @Override
        public Optional<Tensor> ids(ModelInputs inputs) {
            if (inputs.find("decoder_document_ids").isPresent()) {
                throw new ShapeException("decoder_document_ids: got them without decoder_input_ids, which for documents"
                        + " do not follow from the target, allowed with them");
            }
            return first(inputs, sources).map(source_BT -> {
                Tensor ids_BT = padded(source_BT, paddingId);
                Tensor last_B1 = ids_BT.ne(new Scalar((long) paddingId)).sum(1).unsqueeze(1)
                        .sub(new Scalar(1L)).clamp_min(new Scalar(0L));
                return behind(ids_BT.gather(1, last_B1), ids_BT);
            });
        }
    }

    private static Optional<Tensor> first(ModelInputs inputs, List<String> names) {
        return names.stream().flatMap(name -> inputs.find(name).stream()).findFirst();
    }

    private static Tensor padded(Tensor labels_BT, int paddingId) {
        return labels_BT.masked_fill(labels_BT.eq(new Scalar(Losses.IGNORED)), new Scalar((long) paddingId));
    }

    private static Tensor behind(Tensor start_B1, Tensor ids_BT) {
        return Tensors.cat(1, start_B1, ids_BT.narrow(1, 0, ids_BT.size(1) - 1));
    }
}
