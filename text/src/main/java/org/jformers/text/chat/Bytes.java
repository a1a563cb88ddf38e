package org.jformers.text.chat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's {@code bytes}, as far as templates get at them: what encoding a text gives. */
final class Bytes extends Elements {
    /** @param elements numbers from 0 to 255 */
    private Bytes(List<Value> elements) {
        super(elements);
    }

    static Bytes of(byte[] bytes, Meter meter) {
        meter.spendElements(bytes.length);
        List<Value> elements = new ArrayList<>(bytes.length);
        for (byte value : bytes) {
            elements.add(Value.of(value & 0xFF));
        }
        return new Bytes(elements);
    }

    Bytes with(List<Value> elements) {
        return new Bytes(elements);
    }

    @Override
    String type() {
        return "bytes";
    }

    @Override
    void repr(TextBuilder out) {
        boolean apostrophe = elements().contains(Value.of('\''));
        char quote = apostrophe && !elements().contains(Value.of('"')) ? '"' : '\'';
        out.append("b" + quote);
        for (Value element : elements()) {
            int value = ((Num) element).clamped();
            String shown = switch (value) {
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case '\\' -> "\\\\";
                default -> value == quote ? "\\" + quote : value < ' ' || value > '~'
                        ? String.format("\\x%02x", value) : Character.toString(value);
            };
            out.append(shown);
        }
        out.append(Character.toString(quote));
    }

    @Override
    Optional<Value> item(Value key) {
        return Listing.at(elements(), key);
    }

    @Override
    Optional<Value> attribute(String name) {
        return switch (name) {
            case "decode" -> Optional.of(Function.method("bytes", name, arguments -> {
                arguments.bind(name);
                // What came from a text that was data is not known any more, so it counts as data.
                return Str.data(new String(array(), StandardCharsets.UTF_8));
            }));
            case "hex" -> Optional.of(Function.method("bytes", name, arguments -> {
                arguments.bind(name);
                TextBuilder out = new TextBuilder(arguments.meter());
                elements().forEach(element -> out.append(String.format("%02x", ((Num) element).clamped())));
                return out.build();
            }));
            default -> Optional.empty();
        };
    }

    private byte[] array() {
        byte[] bytes = new byte[length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((Num) elements().get(i)).clamped();
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && bytes.elements().equals(elements());
    }

    @Override
    public int hashCode() {
        return elements().hashCode();
    }
}
