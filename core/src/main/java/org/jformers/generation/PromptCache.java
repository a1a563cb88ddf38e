package org.jformers.generation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.Decoding;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.RowState;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * What a decoder has read of a text: requests whose prompts begin with it need not read it again ({@link
 * Controls#withPromptCache}), in this process or, from a file, in a later one. Owns its keys and values until closed; a
 * request that uses it may not outlive it. May serve several threads.
 *
 * <p>A file is safetensors: {@code token_ids}, and {@code layers.N.keys} and {@code layers.N.values} of [1, G, S, D], G
 * key/value heads, S tokens, D head width. Its metadata says which model it is for ({@code architecture}, {@code
 * layers}, {@code key_value_heads}, {@code head_dim}, {@code dtype}) and how many {@code tokens} there are.
 */
public final class PromptCache implements AutoCloseable {
    private static final String FORMAT = "jformers.prompt_cache.1";
    private static final String IDS = "token_ids";

    /** All tokens, also those that no window shows any more: the next ones may belong anywhere behind the first. */
    private static final CacheKind WHOLE =
            windows -> CacheKind.GROWING.rows(Collections.nCopies(windows.size(), Long.MAX_VALUE));

    /** Numbers of one text differ in the last digits by what is read beside it; of other weights, at once. */
    private static final double NEAR = 0.05;

    private final Model model;
    private final int[] tokens;
    private final RowState state;

    private PromptCache(Model model, int[] tokens, RowState state) {
        this.model = model;
        this.tokens = tokens;
        this.state = state;
    }

    /**
     * Reads a text.
     *
     * @param tokens at least one
     * @throws JformersException if the model's keys and values do not stand for themselves: encoder-decoders, rows that
     *     go on together
     */
    public static PromptCache of(Model model, int[] tokens) {
        if (tokens.length == 0) {
            throw new ShapeException("prompt cache: got no tokens, allowed at least one");
        }
        int room = model.identity().spec().room().orElse(Integer.MAX_VALUE);
        if (tokens.length > room) {
            throw new ShapeException("prompt cache: got " + tokens.length + " tokens, allowed " + room
                    + ", as many as the model has positions");
        }
        try (NoGrad noGrad = new NoGrad(); Decoding decoding = model.decoding(WHOLE)) {
            if (model instanceof Seq2SeqModel || !decoding.inParts()) {
                throw new JformersException("prompt cache: got " + model.identity().architecture()
                        + ", allowed decoders whose keys and values depend on nothing but the tokens before them");
            }
            int row = decoding.begin(ModelInputs.of(Map.of()), 1)[0];
            int chunk = EngineSettings.DEFAULT.chunk();
            for (int from = 0; from < tokens.length; from += chunk) {
                int[] part = Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + chunk));
                Scopes.run(() -> decoding.read(List.of(new Decoding.Reading(row, part, 0))));
            }
            return new PromptCache(model, tokens.clone(), Scopes.get(() -> kept(decoding.state(row))));
        }
    }

    private static RowState kept(RowState state) {
        return new RowState(
                state.keys().stream().map(one -> Scopes.keep(one.clone())).toList(),
                state.values().stream().map(one -> Scopes.keep(one.clone())).toList());
    }

    /**
     * Opens a file that {@link #save} has written.
     *
     * @throws CheckpointException if it is none, is not whole, or is not for this model with these weights
     */
    public static PromptCache load(Path file, Model model) {
        try (SafetensorsFile stored = SafetensorsFile.open(file)) {
            return Scopes.get(() -> load(stored, model));
        }
    }

    private static PromptCache load(SafetensorsFile stored, Model model) {
        Map<String, String> metadata = stored.metadata();
        if (!FORMAT.equals(metadata.get("format"))) {
            throw wrong("format " + metadata.get("format"), FORMAT, stored);
        }
        Tensor stored_S = stored.tensor(IDS);
        boolean ids = DType.of(stored_S) == DType.INT64 && stored_S.dim() == 1 && stored_S.numel() > 0
                && String.valueOf(stored_S.numel()).equals(metadata.get("tokens"));
        if (!ids || Arrays.stream(Tensors.toLongs(stored_S)).anyMatch(id -> id != (int) id || id < 0)) {
            throw wrong(IDS + " that are no " + metadata.get("tokens") + " token ids", "as many as tokens", stored);
        }
        int[] tokens = Arrays.stream(Tensors.toLongs(stored_S)).mapToInt(Math::toIntExact).toArray();
        // A single token tells the shapes, and whether the weights are those.
        try (PromptCache own = of(model, Arrays.copyOf(tokens, 1))) {
            Map<String, String> expected = own.metadata();
            expected.put("tokens", String.valueOf(tokens.length));
            if (!expected.equals(metadata)) {
                throw wrong("one of " + described(metadata), described(expected), stored);
            }
            List<Tensor> keys = new ArrayList<>();
            List<Tensor> values = new ArrayList<>();
            for (int layer = 0; layer < own.state.keys().size(); layer++) {
                keys.add(like(own.state.keys().get(layer), stored, key(layer), tokens.length));
                values.add(like(own.state.values().get(layer), stored, value(layer), tokens.length));
            }
            return new PromptCache(model, tokens, new RowState(
                    keys.stream().map(Scopes::keep).toList(), values.stream().map(Scopes::keep).toList()));
        }
    }

    /** A tensor of the file, whose first token is to be that of the model. */
    private static Tensor like(Tensor own_1G1D, SafetensorsFile stored, String name, long tokens) {
        Tensor found = stored.tensor(name);
        long[] shape = {1, own_1G1D.size(1), tokens, own_1G1D.size(3)};
        if (!Arrays.equals(found.shape(), shape) || Tensors.type(found) != Tensors.type(own_1G1D)) {
            throw wrong(name + " of " + Arrays.toString(found.shape()) + " in " + DType.of(found).configName(),
                    Arrays.toString(shape) + " in " + DType.of(own_1G1D).configName(), stored);
        }
        float[] numbers = Tensors.toFloats(found.narrow(2, 0, 1));
        float[] expected = Tensors.toFloats(own_1G1D);
        double largest = 0;
        double distance = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            distance = Math.max(distance, Math.abs((double) expected[i] - numbers[i]));
        }
        if (!(distance <= NEAR * largest)) {
            throw wrong(name + " that this model does not make of the first token", "a cache of the same weights",
                    stored);
        }
        return Tensors.beside(found, own_1G1D);
    }

    private static CheckpointException wrong(String got, String allowed, SafetensorsFile stored) {
        return new CheckpointException(
                "prompt cache: got " + got + ", allowed " + allowed + ", in " + stored.path());
    }

    private static String described(Map<String, String> metadata) {
        return metadata.get("architecture") + ", " + metadata.get("layers") + " layers of "
                + metadata.get("key_value_heads") + " key/value heads of " + metadata.get("head_dim") + ", "
                + metadata.get("dtype");
    }

    private Map<String, String> metadata() {
        Tensor first = state.keys().get(0);
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("architecture", model.identity().architecture());
        metadata.put("layers", String.valueOf(state.keys().size()));
        metadata.put("key_value_heads", String.valueOf(first.size(1)));
        metadata.put("head_dim", String.valueOf(first.size(3)));
        metadata.put("dtype", DType.of(weight()).configName()); // a cache may keep more
        metadata.put("tokens", String.valueOf(tokens.length));
        return metadata;
    }

    /** One whose type is the model's. */
    private Tensor weight() {
        return model.network().parameters().values().iterator().next().tensor();
    }

    private static String key(int layer) {
        return "layers." + layer + ".keys";
    }

    private static String value(int layer) {
        return "layers." + layer + ".values";
    }

    /**
     * Writes a file.
     *
     * @throws CheckpointException if it cannot be written; an older one is unchanged then
     */
    public void save(Path file) {
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            long[] ids = Arrays.stream(tokens).asLongStream().toArray();
            tensors.put(IDS, Tensors.ofLongs(ids, ids.length));
            for (int layer = 0; layer < state.keys().size(); layer++) {
                tensors.put(key(layer), state.keys().get(layer));
                tensors.put(value(layer), state.values().get(layer));
            }
            SafetensorsWriter.write(file, tensors, metadata());
        });
    }

    /** The text, as tokens. */
    int[] tokens() {
        return tokens.clone();
    }

    /** Refuses what it was not made for. */
    void requireFor(Model other, Prompt prompt) {
        if (other != model) {
            throw new JformersException("generation: got a prompt cache of another model, allowed one that was made or"
                    + " loaded with this one");
        }
        for (int row = 0; row < prompt.ids_BS().length; row++) {
            if (shared(prompt.real(row)) == 0) {
                throw new JformersException("generation: got a prompt cache of a text that begins otherwise than the"
                        + " prompt, allowed one with the same first tokens");
            }
        }
    }

    /** How many tokens a text begins with that are here. */
    private int shared(int[] text) {
        int other = Arrays.mismatch(tokens, text);
        return other < 0 ? tokens.length : other;
    }

    /**
     * Lets a row have read what is here of a text, where that is more than it has read.
     *
     * @param read how many tokens it has read
     * @return how many it has read then
     */
    int restore(Decoding decoding, int row, int[] text, int read) {
        int shared = shared(text);
        if (shared <= read) {
            return read;
        }
        decoding.truncate(row, 0);
        Scopes.run(() -> decoding.restore(row, state, Arrays.copyOf(text, shared)));
        return shared;
    }

    @Override
    public void close() {
        Stream.concat(state.keys().stream(), state.values().stream()).forEach(Tensor::close);
    }
}
