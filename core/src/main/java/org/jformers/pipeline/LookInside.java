package org.jformers.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.model.Insight;
import org.jformers.model.Model;
import org.jformers.model.SpecJson;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.mask.Mask;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Shows what a model of one stack does with a text: its tokens, what each place predicts, who attends to whom, which
 * tokens' states are alike. Owns its model. May serve several threads.
 */
public final class LookInside implements Pipeline {
    /** Tokens of a text. */
    public static final int MOST_TOKENS = 512;

    /** Attention weights that may be there at once: 256 MiB of them. */
    private static final long MOST_WEIGHTS = 1L << 26;
    private static final String NAME = "look inside";

    private final TextReader reader;

    /**
     * A text inside a model.
     *
     * @param tokens its tokens, those that the tokenizer adds among them
     * @param insight what the model does with them
     */
    public record View(Encoding tokens, Insight insight) {}

    /** Takes a model over; it is closed with this object. */
    public LookInside(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private LookInside(TextReader reader) {
        if (!(reader.model() instanceof SingleStackModel)) {
            throw new JformersException(NAME + ": got " + reader.model().identity().architecture()
                    + ", allowed models of one stack: encoders and decoders");
        }
        this.reader = reader;
    }

    /** Loads a model folder with its tokenizer, in the form that it has. */
    public static LookInside load(Path folder, LoadRequest request) {
        return TextReader.load(NAME, folder, request).into(LookInside::new);
    }

    /**
     * What the model does with a text.
     *
     * @param choices how many of the likeliest tokens of each place are told
     * @param near how many of the tokens nearest to each are told
     * @throws JformersException if the text has no token, or more than {@link #most}
     */
    public View look(String text, int choices, int near) {
        Encoding tokens = tokens(text);
        return new View(tokens, reader.look(tokens, inputs ->
                Insight.of(reader.model(), inputs, choices, near)));
    }

    /**
     * Attention within a text.
     *
     * @param layer of those that have attention weights
     * @param head one of its heads; empty for the mean of all
     * @return for each token, how much it takes of each; a row adds up to 1
     * @throws JformersException if there is no such layer or head
     */
    public float[][] attention(String text, int layer, OptionalInt head) {
        Encoding tokens = tokens(text);
        return reader.look(tokens, inputs -> Insight.attention(reader.model(), inputs, layer, head));
    }

    private Encoding tokens(String text) {
        Encoding tokens = reader.encode(List.of(TextInput.of(text)), TextOptions.DEFAULT).get(0);
        int most = most(tokens);
        if (tokens.length() > most) {
            throw new JformersException("text: got " + tokens.length() + " tokens, allowed up to " + most
                    + " for this model");
        }
        return tokens;
    }

    /** How many tokens a text may have: {@link #MOST_TOKENS}, and fewer for models of many heads. */
    private int most(Encoding tokens) {
        Encoding first = reader.rows(new int[][] {{tokens.ids()[0]}}).get(0);
        int heads = reader.look(first, inputs -> Insight.heads(reader.model(), inputs));
        return (int) Math.min(MOST_TOKENS, Math.sqrt((double) MOST_WEIGHTS / Math.max(1, heads)));
    }

    /** The masks of the model, as {@link SpecJson} writes them, each with the places in its spec that have it. */
    public Map<JsonNode, List<String>> masks() {
        Map<JsonNode, List<String>> masks = new LinkedHashMap<>();
        try {
            collect(new ObjectMapper().readTree(SpecJson.write((Record) reader.model().identity().spec())), "", masks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return masks;
    }

    /** Masks within masks belong to them. */
    private static void collect(JsonNode node, String place, Map<JsonNode, List<String>> masks) {
        if (node.path("type").asText().startsWith(maskPackage())) {
            masks.computeIfAbsent(node, added -> new ArrayList<>()).add(place);
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(node.get(i), place + "[" + i + "]", masks);
            }
        } else {
            node.properties().forEach(field ->
                    collect(field.getValue(), place.isEmpty() ? field.getKey() : place + "." + field.getKey(), masks));
        }
    }

    /** The package of masks, as the types of {@link SpecJson} begin. */
    public static String maskPackage() {
        return Mask.class.getPackageName().replaceFirst("^org\\.jformers\\.", "") + ".";
    }

    @Override
    public LoadReport report() {
        return reader.model().report();
    }

    @Override
    public void close() {
        reader.close();
    }
}
