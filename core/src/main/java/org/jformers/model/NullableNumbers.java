package org.jformers.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of a config where null says something else than a missing key: null is an empty optional, a missing key
 * leaves the component null. Mistral's {@code "sliding_window": null} is no window; without the key the window is 4096.
 */
final class NullableNumbers extends SimpleModule {
    private static final long serialVersionUID = 1;

    NullableNumbers() {
        addDeserializer(OptionalInt.class, new Whole());
        addDeserializer(OptionalDouble.class, new Real());
        addSerializer(new Writer<>(OptionalInt.class));
        addSerializer(new Writer<>(OptionalDouble.class));
    }

    private static final class Whole extends StdDeserializer<OptionalInt> {
        private static final long serialVersionUID = 1;

        Whole() {
            super(OptionalInt.class);
        }

        @Override
        public OptionalInt deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    ? OptionalInt.of(parser.getIntValue())
                    : (OptionalInt) context.handleUnexpectedToken(OptionalInt.class, parser);
        }

        @Override
        public OptionalInt getNullValue(DeserializationContext context) {
            return OptionalInt.empty();
        }

        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return null;
        }
    }

    private static final class Real extends StdDeserializer<OptionalDouble> {
        private static final long serialVersionUID = 1;

        Real() {
            super(OptionalDouble.class);
        }

        @Override
        public OptionalDouble deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return parser.currentToken().isNumeric()
                    ? OptionalDouble.of(parser.getDoubleValue())
                    : (OptionalDouble) context.handleUnexpectedToken(OptionalDouble.class, parser);
        }

        @Override
        public OptionalDouble getNullValue(DeserializationContext context) {
            return OptionalDouble.empty();
        }

        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return null;
        }
    }

    private static final class Writer<T> extends StdSerializer<T> {
        private static final long serialVersionUID = 1;

        Writer(Class<T> type) {
            super(type);
        }

        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (value instanceof OptionalInt whole && whole.isPresent()) {
                json.writeNumber(whole.getAsInt());
            } else if (value instanceof OptionalDouble real && real.isPresent()) {
                json.writeNumber(real.getAsDouble());
            } else {
                json.writeNull();
            }
        }
    }
}
