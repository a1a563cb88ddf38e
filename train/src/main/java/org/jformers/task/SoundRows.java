package org.jformers.task;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.audio.Sound;
import org.jformers.audio.WavFile;
import org.jformers.audio.WaveformExtractor;
import org.jformers.audio.WaveformExtractor.Mask;
import org.jformers.data.Batch;
import org.jformers.data.DataException;
import org.jformers.data.Table;
import org.jformers.data.TranscribedSounds;
import org.jformers.nn.conv.FrameCount;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Recordings with their texts, those that are long enough for them.
 *
 * @param files the recordings
 * @param texts what is said
 * @param lengths samples of each at the model's rate
 * @param labels tokens of each
 * @param extractor makes the model's input
 * @param tooShort rows left out because their recording has fewer frames than their text needs
 * @param unknown rows with characters that the vocabulary lacks
 */
record SoundRows(
        List<Path> files, List<String> texts, int[] lengths, int[][] labels, WaveformExtractor extractor,
        long tooShort, long unknown) {

    /** Reads all recordings once, so that one that is none ends the run before it begins. */
    static SoundRows of(
            Table table, String sound, String text, WaveformExtractor extractor, Tokenizer tokenizer,
            FrameCount frames) {
        List<Path> files = table.column(sound).stream().map(Path::of).toList();
        List<String> texts = table.column(text);
        int[] lengths = IntStream.range(0, files.size()).parallel()
                .map(row -> length(table, row, files.get(row), extractor.samplingRate())).toArray();
        int[][] labels = texts.stream().map(said -> tokenizer.encode(said).ids()).toArray(int[][]::new);
        int[] kept = IntStream.range(0, files.size())
                .filter(row -> labels[row].length > 0 && frames.frames(lengths[row]) >= needed(labels[row])).toArray();
        OptionalInt lacking = tokenizer.specialTokens().unk();
        return new SoundRows(Arrays.stream(kept).mapToObj(files::get).toList(),
                Arrays.stream(kept).mapToObj(texts::get).toList(), Arrays.stream(kept).map(i -> lengths[i]).toArray(),
                Arrays.stream(kept).mapToObj(i -> labels[i]).toArray(int[][]::new), extractor,
                files.size() - kept.length,
                Arrays.stream(kept).filter(i -> lacking.isPresent()
                        && Arrays.stream(labels[i]).anyMatch(id -> id == lacking.getAsInt())).count());
    }

    /** One for each token, and one without any between two of a kind. */
    private static int needed(int[] labels) {
        return labels.length + (int) IntStream.range(1, labels.length).filter(i -> labels[i] == labels[i - 1]).count();
    }

    private static int length(Table table, int row, Path file, int rate) {
        try {
            Sound sound = WavFile.read(file);
            return Math.toIntExact(((long) sound.samples().length * rate + sound.rate() - 1) / sound.rate());
        } catch (JformersException e) {
            throw new DataException(table.row(row) + ": " + e.getMessage(), e);
        }
    }

    int size() {
        return files.size();
    }

    /** The rows in batches. */
    TranscribedSounds batched(int batch) {
        return TranscribedSounds.of(lengths, labels, this::fields, batch);
    }

    /** The same to be measured: where padding counts as sound, each recording by itself, as it is used. */
    TranscribedSounds measured(int batch) {
        return batched(extractor.mask() == Mask.GIVEN ? batch : 1);
    }

    private Map<String, Batch.Field> fields(int[] examples) {
        WaveformExtractor.Rows rows = extractor.rows(
                Arrays.stream(examples).mapToObj(i -> WavFile.read(files.get(i))).toList());
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("input_values", new Batch.Floats(rows.values(), examples.length, rows.length()));
        if (extractor.mask() == Mask.GIVEN) {
            fields.put("attention_mask", new Batch.Longs(rows.real(), examples.length, rows.length()));
        }
        return fields;
    }
}
