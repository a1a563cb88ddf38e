package org.jformers.model;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jformers.model.head.Head;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.SegmentStack;
import org.jformers.nn.stack.Stack;

/** A model as data: it prints, compares and stores; a {@link Model} is built from it. */
public interface ModelSpec {

    /** How parameters start that no checkpoint fills. */
    Initialization initialization();

    /** Most tokens of a sequence that the model writes or continues; empty if any number. */
    default OptionalInt room() {
        return OptionalInt.empty();
    }

    /** The table of the tokens that the model writes or continues, if it has one. */
    default Optional<Embedding.Spec> tokenTable() {
        return Optional.empty();
    }

    /** The table of the tokens that the model reads; another one in some encoder-decoders. */
    default Optional<Embedding.Spec> sourceTable() {
        return tokenTable();
    }

    /**
     * The same without some attention heads.
     *
     * @param heads by layer, both numbered from 0
     * @throws IllegalArgumentException if there are no such heads, or the model cannot do without some
     */
    default ModelSpec withoutHeads(Map<Integer, Set<Integer>> heads) {
        throw new IllegalArgumentException(
                "pruned heads: got " + heads + ", allowed in models of one stack, this is a "
                        + getClass().getSimpleName());
    }

    /** The same without its pooler, if it is a body that has one with parameters and computes all else without it. */
    default Optional<ModelSpec> withoutPooler() {
        return Optional.empty();
    }

    /** The model itself, its parameters not yet filled. */
    Model build(Model.Identity identity);

    /**
     * One stack and a head.
     *
     * @param body the stack
     * @param head what stands on it
     * @param initialization how parameters start
     * @param routerLoss what mixtures of experts add to the loss, if there are any
     * @param asking the token that asks for the next one, where a text is continued that way
     */
    record SingleStack(
            Stack.Spec body,
            Head.Spec head,
            Initialization initialization,
            Optional<RouterLoss> routerLoss,
            Optional<AskingToken> asking)
            implements ModelSpec {
        /** Without mixtures of experts. */
        public SingleStack(Stack.Spec body, Head.Spec head, Initialization initialization) {
            this(body, head, initialization, Optional.empty(), Optional.empty());
        }

        public SingleStack withRouterLoss(RouterLoss loss) {
            return new SingleStack(body, head, initialization, Optional.of(loss), asking);
        }

        public SingleStack withAsking(AskingToken token) {
            return new SingleStack(body, head, initialization, routerLoss, Optional.of(token));
        }

        @Override
        public OptionalInt room() {
            return body.input().room();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return body.input().tokenTable();
        }

        @Override
        public SingleStack withoutHeads(Map<Integer, Set<Integer>> heads) {
            return new SingleStack(body.withoutHeads(heads), head, initialization, routerLoss, asking);
        }

        @Override
        public Optional<ModelSpec> withoutPooler() {
            return head.withoutPooler().map(bare ->
                    new SingleStack(body, bare, initialization, routerLoss, asking));
        }

        @Override
        public SingleStackModel build(Model.Identity identity) {
            return new SingleStackModel(identity, this);
        }
    }

    /**
     * A stack that reads segment by segment, and a head.
     *
     * @param body the stack
     * @param head what stands on it
     * @param initialization how parameters start
     */
    record Segmented(SegmentStack.Spec body, Head.Spec head, Initialization initialization) implements ModelSpec {
        @Override
        public SegmentModel build(Model.Identity identity) {
            return new SegmentModel(identity, this);
        }
    }

    /**
     * An encoder, a decoder that reads it, and a head on the decoder.
     *
     * @param body the two stacks
     * @param head what stands on the decoder
     * @param initialization how parameters start
     * @param start what the decoder reads where the caller does not say it
     * @param switchLoss what mixtures of experts add to the loss, if there are any
     */
    record Seq2Seq(
            EncoderDecoder.Spec body,
            Head.Spec head,
            Initialization initialization,
            DecoderStart start,
            Optional<SwitchLoss> switchLoss)
            implements ModelSpec {
        /** Without mixtures of experts. */
        public Seq2Seq(EncoderDecoder.Spec body, Head.Spec head, Initialization initialization, DecoderStart start) {
            this(body, head, initialization, start, Optional.empty());
        }

        public Seq2Seq withSwitchLoss(SwitchLoss loss) {
            return new Seq2Seq(body, head, initialization, start, Optional.of(loss));
        }

        @Override
        public OptionalInt room() {
            return body.decoder().input().room();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return body.decoder().input().tokenTable();
        }

        @Override
        public Optional<Embedding.Spec> sourceTable() {
            return body.encoder().input().tokenTable();
        }

        @Override
        public Seq2SeqModel build(Model.Identity identity) {
            return new Seq2SeqModel(identity, this);
        }
    }
}
