package org.jformers.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jformers.data.Batch;
import org.jformers.data.DataSource;
import org.jformers.data.Table;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Classified texts as token ids in a file that both sides of {@link FineTuning} read, one text a line: the label, a
 * tab, the ids. Each 32 lines in a row are a batch.
 */
final class FineTuningBatches {
    /** Texts of a batch. */
    static final int BATCH = 32;

    private FineTuningBatches() {}

    /** Draws texts of a table with the columns {@code text} and {@code label}, none twice, and writes them. */
    static void write(Path table, Tokenizer tokenizer, int batches, Path file) throws IOException {
        Table rows = Table.read(DataSource.of(table), "text", "label");
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rows.column("text").size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(1));
        List<String> lines = order.subList(0, BATCH * batches).stream()
                .map(i -> rows.column("label").get(i) + "\t"
                        + Arrays.stream(tokenizer.encode(rows.column("text").get(i)).ids())
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(" ")))
                .toList();
        Files.write(file, lines);
    }

    /** The batches of the file, each padded to its longest text. */
    static List<Batch> read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from + BATCH <= lines.size(); from += BATCH) {
            batches.add(batch(lines.subList(from, from + BATCH), batches.size() + 1));
        }
        return batches;
    }

    private static Batch batch(List<String> lines, long position) {
        List<long[]> texts = lines.stream()
                .map(line -> Arrays.stream(line.substring(line.indexOf('\t') + 1).split(" "))
                        .mapToLong(Long::parseLong)
                        .toArray())
                .toList();
        int longest = texts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        long[] inputIds = new long[BATCH * longest];
        long[] attentionMask = new long[BATCH * longest];
        for (int row = 0; row < BATCH; row++) {
            long[] ids = texts.get(row);
            System.arraycopy(ids, 0, inputIds, row * longest, ids.length);
            Arrays.fill(attentionMask, row * longest, row * longest + ids.length, 1);
        }
        long[] labels = lines.stream()
                .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf('\t'))))
                .toArray();
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_ids", new Batch.Longs(inputIds, BATCH, longest));
        fields.put("attention_mask", new Batch.Longs(attentionMask, BATCH, longest));
        fields.put("labels", new Batch.Longs(labels, BATCH));
        return new Batch(fields, BATCH, BATCH, position);
    }
}
