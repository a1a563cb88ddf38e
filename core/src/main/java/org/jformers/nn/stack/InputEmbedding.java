package org.jformers.nn.stack;

import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.PositionRule;
import org.jformers.nn.position.PositionTable;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance for tokens: their vectors, scaled, plus position and segment vectors, then norm and dropout.
 *
 * <p>Dimensions: B batch, T tokens, C width.
 */
public final class InputEmbedding extends Entrance {
    private final Spec spec;
    private final Embedding tokens;
    private final Optional<PositionTable> positions;
    private final Optional<Embedding> segments;
    private final Optional<Norm> norm;
    private final Optional<Linear> projection;
    private final Dropout dropout;
    private final Scalar scale;

    /** Where the vectors of segments (token types) come from. */
    public enum SegmentVectors {
        /** A table of their own, if there is one; the first of its vectors where the input names no segments. */
        OWN_TABLE,
        /**
         * The token table, as GPT has it: the ids that name segments are ids of tokens. Nothing where there are none.
         */
        TOKEN_TABLE,
        /** Nowhere: the input may name segments, which say nothing (DeBERTa's tokenizer always names them). */
        NOWHERE
    }

    /**
     * A linear map from the tokens' vectors, which are narrower than the layers, to the layers' width.
     *
     * @param width of the layers
     * @param place where it stands
     */
    public record Projection(int width, Place place) {
        /** Where the map stands. */
        public enum Place {
            /** Behind positions, norm and dropout; it adds a constant (ALBERT, arXiv:1909.11942, 3.1). */
            LAST,
            /** Before the positions, which are as wide as the layers; it adds none (OPT). */
            BEFORE_POSITIONS
        }
    }

    /** What the factor of the entrance multiplies. */
    public enum Scaled {
        /** Vectors of the token table alone; vectors in place of ids enter as they are. */
        IDS,
        /** The same, the factor first rounded to the number format of the vectors (Gemma). */
        IDS_ROUNDED,
        /** Vectors in place of ids as well. */
        IDS_AND_VECTORS
    }

    /**
     * @param tokens the token table
     * @param scale factor on the vectors of ids; 1, or sqrt(C) in the original Transformer
     * @param scaled what it multiplies
     * @param positions the position table, if order enters here
     * @param rule which row of it a token gets
     * @param segments the table of segments (token types), if there is one
     * @param segmentVectors where the vectors of segments come from
     * @param norm behind the sum, if there is one
     * @param dropout rate behind the norm, in [0, 1)
     * @param projection to the layers' width, where the tokens' vectors are narrower
     */
    public record Spec(
            Embedding.Spec tokens,
            double scale,
            Scaled scaled,
            Optional<PositionTable.Spec> positions,
            PositionRule rule,
            Optional<Embedding.Spec> segments,
            SegmentVectors segmentVectors,
            Optional<Norm.Spec> norm,
            double dropout,
            Optional<Projection> projection)
            implements Entrance.Spec {

        /** Token vectors and nothing else. */
        public static Spec of(Embedding.Spec tokens) {
            return new Spec(
                    tokens, 1, Scaled.IDS, Optional.empty(), PositionRule.FROM_ZERO, Optional.empty(),
                    SegmentVectors.OWN_TABLE, Optional.empty(), 0, Optional.empty());
        }

        public Spec withScale(double factor) {
            return withScale(factor, Scaled.IDS);
        }

        public Spec withScale(double factor, Scaled what) {
            return new Spec(
                    tokens, factor, what, positions, rule, segments, segmentVectors, norm, dropout, projection);
        }

        public Spec withRoundedScale(double factor) {
            return withScale(factor, Scaled.IDS_ROUNDED);
        }

        public Spec withPositions(PositionTable.Spec rows) {
            return withPositions(rows, PositionRule.FROM_ZERO);
        }

        public Spec withPositions(PositionTable.Spec rows, PositionRule whichRow) {
            return new Spec(
                    tokens, scale, scaled, Optional.of(rows), whichRow, segments, segmentVectors, norm, dropout,
                    projection);
        }

        public Spec withSegments(Embedding.Spec vectors) {
            return new Spec(
                    tokens, scale, scaled, positions, rule, Optional.of(vectors), segmentVectors, norm, dropout,
                    projection);
        }

        /** Segments named by ids of tokens, scaled as tokens are. */
        public Spec withSegmentsFromTokens() {
            return new Spec(tokens, scale, scaled, positions, rule, Optional.empty(), SegmentVectors.TOKEN_TABLE, norm,
                    dropout, projection);
        }

        /** Segments may be named and say nothing. */
        public Spec withUnusedSegments() {
            return new Spec(tokens, scale, scaled, positions, rule, Optional.empty(), SegmentVectors.NOWHERE, norm,
                    dropout, projection);
        }

        public Spec withNorm(Norm.Spec kind) {
            return new Spec(tokens, scale, scaled, positions, rule, segments, segmentVectors, Optional.of(kind),
                    dropout, projection);
        }

        public Spec withDropout(double rate) {
            return new Spec(tokens, scale, scaled, positions, rule, segments, segmentVectors, norm, rate, projection);
        }

        public Spec withProjection(int out, Projection.Place place) {
            return new Spec(tokens, scale, scaled, positions, rule, segments, segmentVectors, norm, dropout,
                    Optional.of(new Projection(out, place)));
        }

        @Override
        public int width() {
            return projection.map(Projection::width).orElse(tokens.width());
        }

        @Override
        public OptionalInt room() {
            return positions.isPresent()
                    ? OptionalInt.of(positions.get().positions() - rule.offset())
                    : OptionalInt.empty();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return Optional.of(tokens);
        }

        @Override
        public InputEmbedding build() {
            return new InputEmbedding(this, Optional.empty());
        }

        @Override
        public InputEmbedding build(Embedding shared) {
            return new InputEmbedding(this, Optional.of(shared));
        }
    }

    private InputEmbedding(Spec spec, Optional<Embedding> shared) {
        this.spec = spec;
        tokens = shared.orElseGet(() -> child("tokens", spec.tokens().build()));
        positions = spec.positions().map(table -> child("positions", table.build()));
        segments = spec.segments().map(table -> child("segments", table.build()));
        norm = spec.norm().map(kind -> child("norm", kind.build()));
        projection = spec.projection().map(map -> child("projection", new Linear.Spec(
                spec.tokens().width(), map.width(), map.place() == Projection.Place.LAST, Role.WEIGHT).build()));
        dropout = new Dropout(spec.dropout());
        scale = Tensors.constant(spec.scale());
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(Set.of("input_ids", "inputs_embeds"));
        if (positions.isPresent()) {
            names.add("position_ids");
        }
        if (segments.isPresent() || spec.segmentVectors() != SegmentVectors.OWN_TABLE) {
            names.add("token_type_ids");
        }
        return names;
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        ScalarType type = Tensors.type(tokens.table());
        Tensor x_BTC = input.embeds().map(given -> given.to(type)).orElseGet(() -> {
            Shapes.requireIds("input_ids", input.ids().get(), spec.tokens().entries());
            Tensor vectors_BTC = tokens.forward(input.ids().get());
            return spec.scale() == 1 ? vectors_BTC : scaled(vectors_BTC);
        });
        if (input.embeds().isPresent() && spec.scaled() == Scaled.IDS_AND_VECTORS) {
            x_BTC = x_BTC.mul(scale);
        }
        x_BTC = projected(x_BTC, Projection.Place.BEFORE_POSITIONS);
        if (segments.isPresent()) {
            Tensor segment = input.segments().orElseGet(() -> zeros(input));
            Shapes.requireIds("token_type_ids", segment, spec.segments().get().entries());
            x_BTC = x_BTC.add(segments.get().forward(segment));
        }
        if (spec.segmentVectors() == SegmentVectors.TOKEN_TABLE && input.segments().isPresent()) {
            Shapes.requireIds("token_type_ids", input.segments().get(), spec.tokens().entries());
            Tensor segment_BTC = tokens.forward(input.segments().get());
            x_BTC = x_BTC.add(spec.scale() == 1 ? segment_BTC : scaled(segment_BTC));
        }
        if (positions.isPresent()) {
            x_BTC = x_BTC.add(positionVectors(input, seen).to(type)); // sines are made in float32
        }
        if (norm.isPresent()) {
            x_BTC = norm.get().forward(x_BTC);
        }
        return projected(dropout.forward(x_BTC, training()), Projection.Place.LAST);
    }

    /** Through the map, if it stands here. */
    private Tensor projected(Tensor x_BTC, Projection.Place here) {
        return spec.projection().isPresent() && spec.projection().get().place() == here
                ? projection.get().forward(x_BTC)
                : x_BTC;
    }

    @Override
    public Optional<Tensor> positions(StackInput input) {
        return Optional.of(input.positions().orElseGet(() -> positions.isPresent()
                ? spec.rule().positions(rows(input, 0))
                : Tensors.range(0, input.length())));
    }

    @Override
    public long firstPosition() {
        return spec.rule().first();
    }

    private Tensor scaled(Tensor vectors_BTC) {
        if (spec.scaled() != Scaled.IDS_ROUNDED) {
            return vectors_BTC.mul(scale);
        }
        return vectors_BTC.mul(Tensors.ofFloats(new float[] {(float) spec.scale()}, 1).to(Tensors.type(vectors_BTC)));
    }

    @Override
    public Optional<Embedding> tokens() {
        return Optional.of(tokens);
    }

    /** The position table, if order enters here. */
    public Optional<PositionTable> positions() {
        return positions;
    }

    public Spec spec() {
        return spec;
    }

    private Tensor positionVectors(StackInput input, long seen) {
        PositionTable table = positions.get();
        if (input.positions().isPresent()) {
            Tensor rows = spec.rule().rows(input.positions().get());
            Shapes.requireIds("position_ids", rows, table.spec().positions());
            return table.forward(rows);
        }
        return table.forward(rows(input, seen));
    }

    /** The rows of the position table where the input sets no positions. */
    private Tensor rows(StackInput input, long seen) {
        PositionTable table = positions.get();
        int offset = spec.rule().offset();
        Tensor rows = spec.rule().rows(input.ids(), input.real(), seen, input.length());
        if (offset + seen + input.length() > table.spec().positions()) {
            // Padding may take no row of its own: what counts are the rows, not the length.
            table.requireRoom(rows.max().item_long() + 1, offset);
        }
        return rows;
    }

    private static Tensor zeros(StackInput input) {
        long count = input.batch() * input.length();
        return Tensors.ofLongs(new long[Math.toIntExact(count)], input.batch(), input.length());
    }
}
