package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows that a batch of inputs gives: for each input its encoding and, right behind it, the windows that truncation
 * cut off.
 *
 * @param rows the encodings; none has overflow any more
 * @param inputs for each row, the index of the input that it comes from
 */
public record EncodedBatch(List<Encoding> rows, int[] inputs) {

    static EncodedBatch of(Tokenizer tokenizer, List<TextInput> texts, EncodeOptions options) {
        List<Encoding> encoded = IntStream.range(0, texts.size())
                .parallel()
                .mapToObj(i -> encode(tokenizer, texts.get(i), options))
                .toList();
        List<Encoding> padded = options.padding().map(padding -> padding.pad(encoded)).orElse(encoded);
        List<Encoding> rows = new ArrayList<>();
        IntStream.Builder inputs = IntStream.builder();
        for (int i = 0; i < padded.size(); i++) {
            List<Encoding> windows = padded.get(i).overflow();
            rows.add(padded.get(i).withOverflow(List.of()));
            rows.addAll(windows);
            for (int row = 0; row <= windows.size(); row++) {
                inputs.add(i);
            }
        }
        return new EncodedBatch(List.copyOf(rows), inputs.build().toArray());
    }

    private static Encoding encode(Tokenizer tokenizer, TextInput input, EncodeOptions options) {
        boolean pair = input.second().isPresent();
        if (options.specialTokens()) {
            if (options.truncation().isEmpty()) {
                return pair
                        ? tokenizer.encode(input.first(), input.second().get())
                        : tokenizer.encode(input.first());
            }
            Truncation truncation = options.truncation().get();
            return pair
                    ? tokenizer.encode(input.first(), input.second().get(), truncation)
                    : tokenizer.encode(input.first(), truncation);
        }
        List<Encoding> parts = new ArrayList<>();
        parts.add(tokenizer.encodePlain(input.first()));
        input.second().ifPresent(second -> parts.add(tokenizer.encodePlain(second).asSecond()));
        return Encoding.joined(
                options.truncation().map(truncation -> truncation.cut(parts, 0)).orElse(parts));
    }
}
