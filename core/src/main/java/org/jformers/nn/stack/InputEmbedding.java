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
import org.jformers.nn.mask.Documents;
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
    public sealed interface Segments {
        /**
         * A table of their own; the first of its vectors where the input names no segments.
         *
         * @param table the table
         */
        record OwnTable(Embedding.Spec table) implements Segments {}

        /**
         * The token table, as GPT has it: the ids that name segments are ids of tokens, scaled as they are. Nothing
         * where there are none.
         */
        record TokenTable() implements Segments {}

        /** Nowhere: the input may name segments, which say nothing (DeBERTa's tokenizer always names them). */
        record Nowhere() implements Segments {}
    }

    /**
     * How order enters.
     *
     * @param table the vectors of positions
     * @param rule which of them a token gets
     */
    public record Positions(PositionTable.Spec table, PositionRule rule) {}

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

    /**
     * The factor of the entrance.
     *
     * @param factor 1, or sqrt(C) in the original Transformer
     * @param scaled what it multiplies
     */
    public record Scale(double factor, Scaled scaled) {
        /** A factor on the vectors of ids. */
        public static Scale of(double factor) {
            return new Scale(factor, Scaled.IDS);
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
     * @param scale factor on its vectors
     * @param positions how order enters, if it does so here
     * @param segments where the vectors of segments come from, if the input may name segments
     * @param norm behind the sum, if there is one
     * @param dropout rate behind the norm, in [0, 1)
     * @param projection to the layers' width, where the tokens' vectors are narrower
     */
    public record Spec(
            Embedding.Spec tokens,
            Scale scale,
            Optional<Positions> positions,
            Optional<Segments> segments,
            Optional<Norm.Spec> norm,
            double dropout,
            Optional<Projection> projection)
            implements Entrance.Spec {

        /** Token vectors and nothing else. */
        public static Spec of(Embedding.Spec tokens) {
            return new Spec(tokens, Scale.of(1), Optional.empty(), Optional.empty(), Optional.empty(), 0,
                    Optional.empty());
        }

        public Spec withScale(Scale factor) {
            return new Spec(tokens, factor, positions, segments, norm, dropout, projection);
        }

        public Spec withPositions(PositionTable.Spec rows) {
            return withPositions(rows, PositionRule.FROM_ZERO);
        }

        public Spec withPositions(PositionTable.Spec rows, PositionRule whichRow) {
            return new Spec(
                    tokens, scale, Optional.of(new Positions(rows, whichRow)), segments, norm, dropout, projection);
        }

        public Spec withSegments(Segments vectors) {
            return new Spec(tokens, scale, positions, Optional.of(vectors), norm, dropout, projection);
        }

        public Spec withSegments(Embedding.Spec table) {
            return withSegments(new Segments.OwnTable(table));
        }

        public Spec withNorm(Norm.Spec kind) {
            return new Spec(tokens, scale, positions, segments, Optional.of(kind), dropout, projection);
        }

        public Spec withDropout(double rate) {
            return new Spec(tokens, scale, positions, segments, norm, rate, projection);
        }

        public Spec withProjection(int out, Projection.Place place) {
            return new Spec(
                    tokens, scale, positions, segments, norm, dropout, Optional.of(new Projection(out, place)));
        }

        /** The table of segments, if they have one of their own. */
        private Optional<Embedding.Spec> segmentTable() {
            return segments.flatMap(from -> from instanceof Segments.OwnTable own
                    ? Optional.of(own.table())
                    : Optional.empty());
        }

        @Override
        public int width() {
            return projection.map(Projection::width).orElse(tokens.width());
        }

        @Override
        public OptionalInt room() {
            return positions.isPresent()
                    ? OptionalInt.of(positions.get().table().positions() - positions.get().rule().offset())
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
        positions = spec.positions().map(order -> child("positions", order.table().build()));
        segments = spec.segmentTable().map(table -> child("segments", table.build()));
        norm = spec.norm().map(kind -> child("norm", kind.build()));
        projection = spec.projection().map(map -> child("projection", new Linear.Spec(
                spec.tokens().width(), map.width(), map.place() == Projection.Place.LAST, Role.WEIGHT).build()));
        dropout = new Dropout(spec.dropout());
        scale = Tensors.constant(spec.scale().factor());
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(Set.of("input_ids", "inputs_embeds", "document_ids"));
        if (positions.isPresent()) {
            names.add("position_ids");
        }
        if (spec.segments().isPresent()) {
            names.add("token_type_ids");
        }
        return names;
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        ScalarType type = Tensors.type(tokens.table());
        Tensor x_BTC = input.embeds().map(given -> Tensors.alike(given, tokens.table())).orElseGet(() -> {
            Shapes.requireIds("input_ids", input.ids().get(), spec.tokens().entries());
            Tensor vectors_BTC = tokens.forward(input.ids().get());
            return scaled(vectors_BTC);
        });
        if (input.embeds().isPresent() && spec.scale().scaled() == Scaled.IDS_AND_VECTORS) {
            x_BTC = x_BTC.mul(scale);
        }
        x_BTC = projected(x_BTC, Projection.Place.BEFORE_POSITIONS);
        if (segments.isPresent()) {
            Tensor segment = input.places().segments().orElseGet(() -> zeros(input));
            Shapes.requireIds("token_type_ids", segment, spec.segmentTable().get().entries());
            x_BTC = x_BTC.add(segments.get().forward(segment));
        }
        if (spec.segments().isPresent() && spec.segments().get() instanceof Segments.TokenTable
                && input.places().segments().isPresent()) {
            Shapes.requireIds("token_type_ids", input.places().segments().get(), spec.tokens().entries());
            Tensor segment_BTC = tokens.forward(input.places().segments().get());
            x_BTC = x_BTC.add(scaled(segment_BTC));
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
        return Optional.of(input.places().positions().orElseGet(() -> positions.isPresent()
                ? rule().positions(rows(input, 0))
                : Tensors.range(0, input.length())));
    }

    @Override
    public long firstPosition() {
        return rule().first();
    }

    private PositionRule rule() {
        return spec.positions().map(Positions::rule).orElse(PositionRule.FROM_ZERO);
    }

    private Tensor scaled(Tensor vectors_BTC) {
        double factor = spec.scale().factor();
        if (factor == 1) {
            return vectors_BTC;
        }
        return spec.scale().scaled() == Scaled.IDS_ROUNDED
                ? vectors_BTC.mul(Tensors.alike(Tensors.ofFloats(new float[] {(float) factor}, 1), vectors_BTC))
                : vectors_BTC.mul(scale);
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
        if (input.places().positions().isPresent()) {
            Tensor rows = rule().rows(input.places().positions().get());
            Shapes.requireIds("position_ids", rows, table.spec().positions());
            return table.forward(rows);
        }
        return table.forward(rows(input, seen));
    }

    /** The rows of the position table where the input sets no positions. */
    private Tensor rows(StackInput input, long seen) {
        PositionTable table = positions.get();
        int offset = rule().offset();
        Tensor rows = rule().rows(
                input.ids(), input.real(), input.masks().documents().map(Documents::starts), seen, input.length());
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
