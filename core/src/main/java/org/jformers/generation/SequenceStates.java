package org.jformers.generation;

import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * What a {@link SequenceProcessor} remembers of the sequences of one request: a tree with a branch wherever sequences
 * part. A sequence is found by its tokens, so that it makes no difference which search has made it.
 *
 * @param <S> what is remembered
 */
final class SequenceStates<S> {
    private final SequenceProcessor<S> processor;
    private final int promptLength;
    private final Map<LongBuffer, Node<S>> prompts = new HashMap<>();

    /** What is remembered behind a token, and the tokens that have come next. */
    private record Node<S>(S state, Map<Long, Node<S>> next) {
        Node(S state) {
            this(state, new HashMap<>());
        }
    }

    SequenceStates(SequenceProcessor<S> processor, Prompt prompt) {
        this.processor = processor;
        promptLength = prompt.length();
        for (int row = 0; row < prompt.ids_BS().length; row++) {
            prompts.put(LongBuffer.wrap(prompt.ids_BS()[row]), new Node<>(processor.begin(prompt.real(row))));
        }
    }

    /** @param open which rows go on; what the others have behind their end means nothing */
    Tensor process(long[][] ids_BS, Tensor scores_BV, boolean[] open) {
        for (int row = 0; row < ids_BS.length; row++) {
            if (open[row]) {
                Tensor scores_V = scores_BV.select(0, row);
                scores_V.copy_(processor.process(state(ids_BS[row]), scores_V));
            }
        }
        return scores_BV;
    }

    private S state(long[] ids) {
        Node<S> node = Objects.requireNonNull(prompts.get(LongBuffer.wrap(ids, 0, promptLength)));
        for (int place = promptLength; place < ids.length; place++) {
            Node<S> before = node;
            int token = Math.toIntExact(ids[place]);
            node = before.next().computeIfAbsent(
                    ids[place], id -> new Node<>(processor.next(before.state(), token)));
        }
        return node.state();
    }
}
